"""What a model finds relevant for an issue: files and symbols that it names, or files that it judges one by one.

Nothing here runs, records or pays: whoever calls passes in how a model is asked. Start at ``naming.py``.
"""

from agent.locating.asking import Ask
from agent.locating.judging import Judged, judge_file
from agent.locating.naming import name_places
from agent.locating.ranking_files import merged, rank_files
from agent.locating.reading import Places

__all__ = ["Ask", "Judged", "Places", "judge_file", "merged", "name_places", "rank_files"]
