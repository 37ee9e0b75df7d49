"""What an editing trajectory's answer asks for: another edit, another test, or to be done."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

from agent.context import Context
from agent.edits import Change, Edit, EditError, grammar, parse_edit
from agent.models.profiles import ModelProfile
from agent.prompts import render
from agent.scaffolds.structured_test import parse_test
from environments.workbench.outcome import GeneratedTest


class Done:
    """The model stands by its last edit."""


Reply = Edit | GeneratedTest | Done


@dataclass(frozen=True)
class ReplyForms:
    """The forms in which one model may answer, and how its answers are read.

    A model whose endpoint takes a grammar is held to edits: choosing among actions is beyond the weak models that
    need one, and the harness ends the trajectory by itself once its edit is verified.
    """

    profile: ModelProfile
    context: Context
    files: Mapping[str, bytes]
    """The tree's files."""

    @property
    def actions(self) -> bool:
        """The model chooses among EDIT, TEST and DONE after its first edit."""
        return not self.grammar

    @cached_property
    def grammar(self) -> str | None:
        """The GBNF grammar of an edit; None where the model is not held to one."""
        return grammar(self.profile.edit_format, self.context, self.files) if self.profile.grammar else None

    def edit_request(self) -> str:
        """Return how to write an edit."""
        return render(f"edit_forms_{self.profile.edit_format}", actions=False)

    def test_request(self) -> str:
        """Return how to write a test."""
        return render(f"test_forms_{self.profile.test_format}")

    def any_request(self) -> str:
        """Return how to write what may follow the first edit."""
        if not self.actions:
            return f"# Request\n\nCorrect your change. {self.edit_request()}"
        return render(
            "edit_actions",
            forms=render(f"edit_forms_{self.profile.edit_format}", actions=True),
            test_forms=self.test_request(),
        )

    def read(self, answer: str, *, origin: str, first: bool, kept: Sequence[Change] = ()) -> Reply:
        """Return what the answer asks for. Raises EditError with a message for the model.

        ``kept``: what fitted of an answer before that was refused.
        """
        word, rest = action_of(answer) if self.actions else _leading_word(answer)
        if first and word in ("TEST", "DONE"):
            raise EditError("Make an edit first.", kept=kept)
        if word == "DONE":
            return Done()
        if word == "TEST":
            return parse_test(self.profile.test_format, rest, origin=origin)
        return parse_edit(self.profile.edit_format, rest, self.files, kept)


def action_of(answer: str) -> tuple[str, str]:
    """Return the action that an answer names and what belongs to it; none named means an edit.

    The word stands first, or, after some words of thought, on a line of its own outside all code. Raises EditError
    where an answer asks for more than one thing.
    """
    word, rest = _leading_word(answer)
    if _leads(answer):
        return word, rest
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


_OWN_LINE = re.compile(r"^[ \t]*(?:[*_`#>]+[ \t]*)*(EDIT|TEST|DONE)[*_`:.!]*[ \t]*$")
_LEADING = re.compile(r"\s*[*`#]*(EDIT|TEST|DONE)\b[*`:.]*[ \t]*")


def _leads(answer: str) -> bool:
    return _LEADING.match(answer) is not None


def _leading_word(answer: str) -> tuple[str, str]:
    """Split the action off an answer; none means an edit."""
    found = _LEADING.match(answer)
    return (found[1], answer[found.end() :]) if found else ("EDIT", answer)
