"""An example of a bug: code that stands alone, what came back, and what was expected."""

from __future__ import annotations

import re

from pydantic import BaseModel, ConfigDict

MAX_ANSWER = 300
"""Characters of an answer that a reader would still compare."""
_ADDRESS = re.compile(r"0x[0-9a-f]{6,}|/testbed|/tmp/")


class Answer(BaseModel):
    """What came back: a result's repr, or an error."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    result: str | None = None
    type: str = ""
    error: str = ""
    message: str = ""
    in_setup: bool = False
    """The error came from a statement before the expression."""

    @property
    def presentable(self) -> bool:
        """Say whether a reader could compare it: short, and without addresses or paths."""
        text = self.result or f"{self.error}: {self.message}"
        return len(text) <= MAX_ANSWER and not _ADDRESS.search(text) and self.error not in ("OutOfTime", "NameError")


class BugExample(BaseModel):
    """A call that stands alone, with its answers on the mutated and on the original tree."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    imports: tuple[str, ...]
    setup: tuple[str, ...]
    expression: str
    actual: Answer
    expected: Answer
