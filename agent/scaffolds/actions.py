"""Which action an answer names, with or without words of thought before it: EDIT, TEST or DONE."""

from __future__ import annotations

import re
from collections.abc import Iterator

from agent.edits import EditError

_OWN_LINE = re.compile(r"^[ \t]*(?:[*_`#>]+[ \t]*)*(EDIT|TEST|DONE)[*_`:.!]*[ \t]*$")
_SAID = re.compile(r"\s*[*_`#>]*(TEST|DONE)[*_]*`?(?:[ \t]*[:.!,;\u2013\u2014-]|(?=[ \t]*```))")
"""The word first, with more on its line that it does not run on into: ``DONE. It covers ...``, not ``TEST first``."""
_LEADING_EDIT = re.compile(r"\s*[*_`#]*EDIT\b[*_`:.]*[ \t]*")
_EDIT = re.compile(r"^<{5,9} ?SEARCH|^@@ |^```diff", re.MULTILINE)


def action_of(answer: str) -> tuple[str, str]:
    """Return the action that an answer names and what belongs to it; none named means an edit.

    The word stands first, or, after some words of thought, on a line of its own outside all code. Prose that begins
    with such a word asks for nothing. Raises EditError where an answer asks for more than one thing.
    """
    first, _, rest = answer.lstrip().partition("\n")
    if alone := _OWN_LINE.match(first):
        return alone[1], rest
    named = list(_own_lines(answer))
    acting = [(name, line) for name, line in named if name != "DONE"]
    if len({name for name, _ in acting}) > 1:
        raise EditError("Your answer asks for an EDIT and a TEST. Ask for one of them.")
    if acting:
        name, line = acting[-1] if acting[-1][0] == "TEST" else acting[0]
        return name, "\n".join(answer.split("\n")[line + 1 :])
    if not _EDIT.search(answer):
        if named:
            return "DONE", ""
        if said := _SAID.match(answer):
            return said[1], answer[said.end() :]
    return "EDIT", without_leading_edit(answer)


def _own_lines(answer: str) -> Iterator[tuple[str, int]]:
    """Yield the actions that stand on lines of their own, outside code and blocks, with the line's number."""
    fence = ""
    for number, line in enumerate(answer.split("\n")):
        if found := re.match(r"[ \t]*(`{3,}|~{3,}|<{5,9} ?SEARCH|>{5,9} ?REPLACE)", line):
            mark = found[1][:3]
            if not fence:
                fence = "" if mark == ">>>" else mark
            elif fence == {">>>": "<<<"}.get(mark, mark):
                fence = ""
        elif not fence and (found := _OWN_LINE.match(line)):
            yield found[1], number


def without_leading_edit(answer: str) -> str:
    """Return an answer without the word EDIT that it may begin with."""
    found = _LEADING_EDIT.match(answer)
    return answer[found.end() :] if found else answer
