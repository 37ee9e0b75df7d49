"""How likely an issue is about each symbol of a tree: words, names, references, and weights.

scores(issue, Candidates.of(tree), files)
"""

from agent.context.relevance.candidates import Candidates
from agent.context.relevance.score import scores

__all__ = ["Candidates", "scores"]
