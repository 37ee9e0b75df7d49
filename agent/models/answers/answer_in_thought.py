"""An answer that a server has put where reasoning stands, and that plainly is the answer."""

from __future__ import annotations

import re

_WORD = re.compile(r"\W*(YES|NO|DONE)\W*")
_SAID = re.compile(r"\W*(?:final )?answer\W*:\W*", re.IGNORECASE)
_EDIT_BEGINS = re.compile(r"<{5,} ?SEARCH\s*")
_EDIT_ENDS = re.compile(r">{5,} ?REPLACE\s*")
_FENCE = re.compile(r"```+\s*")


def answer_in_thought(reasoning: str, *, thinks: bool) -> tuple[str, str]:
    """Return the answer that stands in a reasoning without one after it, and what is left of the reasoning.

    All of it where the model does not think; else what its end plainly marks: what is called the answer, one word
    that is a verdict, or the last blocks of edits or of code. Nothing where no such end is.
    """
    if not thinks or not reasoning.strip():
        return (reasoning, "") if reasoning.strip() else ("", reasoning)
    lines = reasoning.rstrip().split("\n")
    begins, after = _beginning(lines)
    if begins is None:
        return "", reasoning
    answer = "\n".join(lines[begins:])[after:]
    return answer, "\n".join(lines[:begins])


def _beginning(lines: list[str]) -> tuple[int | None, int]:
    """Return the line at which the answer begins, and how many of its characters are no part of it."""
    for index in range(len(lines) - 1, -1, -1):
        if (said := _SAID.match(lines[index])) and (said.end() < len(lines[index]) or index + 1 < len(lines)):
            return index, said.end()
    if _WORD.fullmatch(lines[-1]):
        return len(lines) - 1, 0
    if _EDIT_ENDS.fullmatch(lines[-1]):
        return _first_of_the_last_edits(lines), 0
    if _FENCE.fullmatch(lines[-1]):
        return next((i for i in range(len(lines) - 2, -1, -1) if lines[i].startswith("```")), None), 0
    return None, 0


def _first_of_the_last_edits(lines: list[str]) -> int | None:
    """Return the line before the first of the edits that end a text with nothing between them; None: none begins."""
    begins: int | None = None
    end = len(lines) - 1
    while end >= 0 and _EDIT_ENDS.fullmatch(lines[end]):
        opened = next((i for i in range(end - 1, -1, -1) if _EDIT_BEGINS.fullmatch(lines[i])), None)
        if not opened:  # none, or without a line before it that names the file
            break
        begins = opened - 1
        end = next((i for i in range(begins - 1, -1, -1) if lines[i].strip()), -1)
    return begins
