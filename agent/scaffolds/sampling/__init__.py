"""Many short answers instead of a dialogue: each is tried at once against what shows the issue.

Read ``scaffold.py`` first. A new form of answers is a file with a ``Format`` and one entry of ``FORMATS``.
"""

from agent.scaffolds.sampling.scaffold import ManySamples
from agent.scaffolds.sampling.schedule import FORMATS
from agent.scaffolds.sampling.tests_drawn import DrawnTests

__all__ = ["FORMATS", "DrawnTests", "ManySamples"]
