"""What one test executed of a tree, as the tracer in its sandbox told it."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Literal

from pydantic import BaseModel, ConfigDict

from environments.workbench.outcome import Outcome

Phase = Literal["case", "import"]
"""``case``: the test ran it; ``import``: it ran only while modules were imported."""


class Call(BaseModel):
    """One call of a function: what it was given and what came of it, as short texts."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    arguments: dict[str, str]
    returned: str | None = None
    raised: str | None = None
    """The class of the exception that it ended with."""

    @property
    def text(self) -> str:
        """``(x=3) returned 4``."""
        given = ", ".join(f"{name}={value}" for name, value in self.arguments.items())
        return f"({given}) raised {self.raised}" if self.raised else f"({given}) returned {self.returned}"


class ExecutedFunction(BaseModel):
    """A function (or a class's or module's body) of the tree that was executed."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    path: str
    """Relative to the tree."""
    name: str
    """Qualified as symbols are (``Class.method``); ``<module>`` for code at the top of a file."""
    line: int
    """Its first line, decorators included."""
    lines: tuple[int, ...]
    """Of its own lines those that were executed, in the order of their first execution."""
    phase: Phase
    calls: int = 1
    """How often it was called, up to a bound."""
    depth: int = 0
    """How many functions of the tree stand between the test and it, at its first call."""
    caller: int = -1
    """Index in the trace's functions of who called it first; -1: the test itself, or nobody of the tree."""
    examples: tuple[Call, ...] = ()
    """Its first calls, where their values are known."""

    @property
    def id(self) -> str:
        """``path::Class.method``, as a symbol's."""
        return f"{self.path}::{self.name}"


class Frame(BaseModel):
    """A function of the tree, or of the test, that an exception went through."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    path: str
    line: int
    function: str
    variables: dict[str, str] = {}


class Failure(BaseModel):
    """The last exception that the test's own code saw."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    exception: str
    message: str
    frames: tuple[Frame, ...]
    """Outermost first; only the innermost few."""


class Trace(BaseModel):
    """What one test executed of a tree."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    test: str
    """A generated test's id, or the name of one of the repository's."""
    outcome: Outcome
    functions: tuple[ExecutedFunction, ...]
    """In the order of their first execution."""
    failure: Failure | None = None
    seconds: float = 0.0
    """What the traced run took."""
    python: str = ""
    """Version of the Python that ran it, ``major.minor``."""
    remarks: tuple[str, ...] = ()
    """Why it is not whole, if it is not, a line each."""

    @property
    def case(self) -> tuple[ExecutedFunction, ...]:
        """The functions that the test ran, those of imports left out."""
        return tuple(one for one in self.functions if one.phase == "case")

    @property
    def tracer(self) -> str:
        """What saw it: ``sys.monitoring`` where that Python has it (from 3.12 on), else ``sys.settrace``."""
        numbers = [int(part) for part in self.python.split(".")[:2] if part.isdecimal()]
        return "sys.monitoring" if numbers >= [3, 12] else "sys.settrace"

    def lines(self) -> frozenset[tuple[str, int]]:
        """Return path and number of each line that the test ran."""
        return frozenset((one.path, line) for one in self.case for line in one.lines)


def merged(traces: Iterable[Trace]) -> frozenset[tuple[str, int]]:
    """Return the lines that any of some tests ran."""
    return frozenset(line for trace in traces for line in trace.lines())
