"""The scaffold ``tools``: a loop in which the model runs commands, edits files and hands in what it changed.

`loop.py` is the loop, `editing.py` what makes an editing trajectory of it, `test_making.py` one that writes a test
(`written_test.py`: its tools); the tools are `shell.py`, `editor.py`,
`evidence.py` (check) and `submission.py`.
"""

from agent.scaffolds.tools.editing import STEPS, Tools
from agent.scaffolds.tools.test_making import ToolsTest

__all__ = ["STEPS", "Tools", "ToolsTest"]
