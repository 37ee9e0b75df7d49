"""Whether an issue says too little to work on: told by its text alone, before any model is asked."""

from __future__ import annotations

import re

_CODE = re.compile(
    r"`[^`\n]+`|^ {0,3}(?:```|~~~)|^(?: {4}|\t)\S|Traceback \(|\b\w+Error\b|\b\w+Exception\b"
    r"|\w\(.*?\)|\b\w+_\w+\b|\b[a-z]+[A-Z]\w*\b|\b\w+\.\w+\(|\b[\w/-]+\.(?:py|pyi|js|ts|go|rs|java|c|cpp|h|rb|php)\b"
    r"|(?<!\w)--?[a-z][\w-]+|\bline \d+\b",
    re.MULTILINE,
)
"""What names something that can be looked for: code, an error, a file, an option."""
_FEW_WORDS = 25
"""With fewer, an issue that names nothing of the code says too little; a longer one may tell it in plain words."""


def is_vague(text: str) -> bool:
    """Tell whether an issue, title included, names nothing of the code and says it in few words."""
    return _CODE.search(text) is None and len(re.findall(r"\w+", text)) < _FEW_WORDS
