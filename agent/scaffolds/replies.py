"""What an editing trajectory's answer asks for: another edit, another test, or to be done."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

from agent.context import Context
from agent.edits import Change, Edit, EditError, grammar, parse_edit
from agent.models.profiles import ModelProfile
from agent.prompts import render
from agent.scaffolds.actions import action_of, without_leading_edit
from agent.scaffolds.test_forms import how_to_write_a_test, parse_test
from environments.workbench.outcome import GeneratedTest
from environments.workbench.test_facts import TestFacts


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
    facts: TestFacts | None = None
    """What whoever writes a test must know of the place where it will run."""

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
        return render(f"edit/forms_{self.profile.edit_format}", actions=False)

    def test_request(self) -> str:
        """Return how to write a test."""
        return how_to_write_a_test(self.profile.test_format, self.facts)

    def any_request(self) -> str:
        """Return how to write what may follow the first edit."""
        if not self.actions:
            return f"# Request\n\nCorrect your change. {self.edit_request()}"
        return render(
            "edit/actions",
            forms=render(f"edit/forms_{self.profile.edit_format}", actions=True),
            test_forms=self.test_request(),
        )

    def read(self, answer: str, *, origin: str, first: bool, kept: Sequence[Change] = ()) -> Reply:
        """Return what the answer asks for. Raises EditError with a message for the model.

        ``kept``: what fitted of an answer before that was refused.
        """
        word, rest = action_of(answer) if self.actions else ("EDIT", without_leading_edit(answer))
        if first and word in ("TEST", "DONE"):
            raise EditError("Make an edit first.", kept=kept)
        if word == "DONE":
            return Done()
        if word == "TEST":
            return parse_test(self.profile.test_format, rest, origin=origin, facts=self.facts)
        return parse_edit(self.profile.edit_format, rest, self.files, kept)
