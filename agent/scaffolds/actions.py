"""Which action an answer names, with or without words of thought before it: EDIT, TEST or DONE."""

from __future__ import annotations

import re
from collections.abc import Iterator

from agent.edits import EditError

_OWN_LINE = re.compile(r"^[ \t]*(?:[*_`#>]+[ \t]*)*(EDIT|TEST|DONE)[*_`:.!]*[ \t]*$")
_LEADING = re.compile(r"\s*[*`#]*(EDIT|TEST|DONE)\b[*`:.]*[ \t]*")


def action_of(answer: str) -> tuple[str, str]:
    """Return the action that an answer names and what belongs to it; none named means an edit.

    The word stands first, or, after some words of thought, on a line of its own outside all code. Raises EditError
    where an answer asks for more than one thing.
    """
    if _LEADING.match(answer):
        return leading_word(answer)
    named = list(_own_lines(answer))
    acting = [(name, line) for name, line in named if name != "DONE"]
    if len({name for name, _ in acting}) > 1:
        raise EditError("Your answer asks for an EDIT and a TEST. Ask for one of them.")
    lines = answer.split("\n")
    if acting:
        name, line = acting[-1] if acting[-1][0] == "TEST" else acting[0]
        return name, "\n".join(lines[line + 1 :])
    if named and not re.search(r"^<{5,9} ?SEARCH|^@@ |^```diff", answer, re.MULTILINE):
        return "DONE", ""
    return "EDIT", answer


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


def leading_word(answer: str) -> tuple[str, str]:
    """Split the action that stands first off an answer; none means an edit."""
    found = _LEADING.match(answer)
    return (found[1], answer[found.end() :]) if found else ("EDIT", answer)
