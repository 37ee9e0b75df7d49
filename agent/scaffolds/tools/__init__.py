"""The scaffold ``tools``: a loop in which the model runs commands, edits files and hands in what it changed.

`loop.py` is the loop, `editing.py` what makes an editing trajectory of it; the tools are `shell.py`, `editor.py`,
`evidence.py` (check) and `submission.py`.
"""

from agent.scaffolds.tools.editing import STEPS, Tools

__all__ = ["STEPS", "Tools"]
