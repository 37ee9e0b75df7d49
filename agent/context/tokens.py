"""Estimate a text's tokens where nothing can count them."""

from __future__ import annotations

import re

_PIECE = re.compile(r"(?P<word>[^\W\d_]+)|(?P<single>\d|_+|\n\s*)|(?P<marks>[^\w\s]+)")
_WORD_BYTES, _MARKS_BYTES = 7, 2


def estimate_tokens(text: str) -> int:
    """Return about the tokens of English or code, rather too many than too few.

    A word counts one for every 7 bytes, a digit one, a run of marks one for every 2 bytes, a line end with its
    indentation one. Over 169 files and issues of 19 packages this came to 0.87 to 1.32 times the tokens of
    Qwen2.5-Coder, 1.15 at the median (a token per 3 bytes: 0.69 to 1.77, 1.36).
    """
    total = 0
    for piece in _PIECE.finditer(text):
        if piece.lastgroup == "single":
            total += 1
        else:
            width = _WORD_BYTES if piece.lastgroup == "word" else _MARKS_BYTES
            total += -(-len(piece[0].encode("utf-8", "surrogatepass")) // width)
    return total
