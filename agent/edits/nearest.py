"""The lines of a file that come nearest to lines a model misquoted, and the message that shows them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from difflib import SequenceMatcher

_COMPARED = 20
"""How many windows are compared letter by letter."""
_NEAR = 0.5
"""The least likeness worth showing."""
_MOST_LINES = 30
_SHOWN = 15
"""Lines shown around the nearest place, or as many as were quoted where those are more."""


def nearest_hint(search: Sequence[str], lines: Sequence[str]) -> str:
    """Return the end of a message about lines that are not in a file: the nearest ones, for the model to copy."""
    near = nearest_lines(search, lines)
    if near is None:
        return " Nothing like it is in that file. Copy the lines exactly as they are."
    start, window, only_space = near
    reason = " It differs in white space only." if only_space else ""
    first = max(0, min(start - max(0, _SHOWN - len(window)) // 2, len(lines) - _SHOWN))
    shown = numbered(lines, first, max(first + _SHOWN, start + len(window)))
    return (
        f"{reason} The nearest lines, from line {start + 1}, are these (number and bar are not part of the file):\n"
        f"```\n{shown}\n```\nCopy them exactly."
    )


def numbered(lines: Sequence[str], start: int, end: int) -> str:
    """Return lines with their numbers, from 1; ``start`` and ``end`` count from 0, the end excluded."""
    return "\n".join(f"{number:>5}| {line}" for number, line in enumerate(lines[start:end], start + 1))


def nearest_lines(search: Sequence[str], lines: Sequence[str]) -> tuple[int, list[str], bool] | None:
    """Return (first line from 0, the lines, differs in white space only) of the likest window, or None."""
    size = min(len(search), len(lines), _MOST_LINES)
    if size == 0:
        return None
    wanted = "\n".join(line.strip() for line in search[:size])
    bare = [line.strip() for line in lines]
    best = max(
        _promising(wanted, bare, size),
        key=lambda start: (SequenceMatcher(None, "\n".join(bare[start : start + size]), wanted).ratio(), -start),
    )
    window = "\n".join(bare[best : best + size])
    if SequenceMatcher(None, window, wanted).ratio() < _NEAR:
        return None
    return best, list(lines[best : best + size]), window == wanted


def _promising(wanted: str, bare: Sequence[str], size: int) -> list[int]:
    """Return the starts of the windows that share most words with what is wanted."""
    words = set(wanted.split())
    shared = [len(words.intersection(line.split())) for line in bare]
    total = sum(shared[:size])
    scores: Counter[int] = Counter({0: total})
    for start in range(1, len(bare) - size + 1):
        total += shared[start + size - 1] - shared[start - 1]
        scores[start] = total
    return [start for start, _ in scores.most_common(_COMPARED)]
