"""What is known of a task by execution: traces of the tests that show the issue, and what passing tests run too."""

from __future__ import annotations

from collections import Counter
from collections.abc import Container, Sequence
from typing import Literal, Self

from pydantic import BaseModel, ConfigDict

from agent.context.traces.spectrum import Suspect, ranked_functions, ranked_lines
from agent.context.traces.trace import ExecutedFunction, Trace
from agent.patch.paths import is_test_path

FoundBy = Literal["examples", "tests"]

MOST_FUNCTIONS = 3000
"""Functions kept of a trace: the first that ran."""
MOST_VALUED = 200
"""Functions of a trace whose calls are kept with their values: the most suspicious."""


class TaskTraces(BaseModel):
    """The traces of a task (``trace.json``)."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    found_by: FoundBy = "examples"
    """Where the failing tests come from: the issue (or the user), or trajectories, which had a context before."""
    failing: tuple[Trace, ...] = ()
    """Of tests that show the issue on the base, the best first."""
    passing_tests: int = 0
    passing: dict[str, dict[int, int]] = {}
    """Path -> line -> how many passing tests ran it; only lines that a failing one ran too."""
    reached: dict[str, tuple[str, ...]] = {}
    """Test file -> those functions of a failing test's (``path::name``) that its passing tests run too."""
    remarks: tuple[str, ...] = ()
    """What could not be traced, a line each."""

    @classmethod
    def of(
        cls,
        failing: Sequence[Trace],
        passing: Sequence[Trace],
        remarks: Sequence[str] = (),
        found_by: FoundBy = "examples",
    ) -> Self:
        """Put traces together; only what choosing needs of those that pass is kept."""
        ran = {line for one in failing for line in one.lines()}
        counts: dict[str, dict[int, int]] = {}
        for trace in passing:
            for path, line in sorted(trace.lines() & ran):
                lines = counts.setdefault(path, {})
                lines[line] = lines.get(line, 0) + 1
        found = cls(
            found_by=found_by,
            failing=tuple(_kept(one) for one in failing),
            passing_tests=len(passing),
            passing=counts,
            reached=_reached(failing, passing),
            remarks=tuple(remarks),
        )
        valued = {one.id for one, _ in found.functions()[:MOST_VALUED]}
        return found.model_copy(update={"failing": tuple(_valued(one, valued) for one in found.failing)})

    def suspects(self) -> list[Suspect]:
        """Return the lines that the first failing test ran, the most suspicious first."""
        return ranked_lines(self.failing[0], self._counts(), self.failing[1:]) if self.failing else []

    def functions(self) -> list[tuple[ExecutedFunction, float]]:
        """Return the functions that it ran, each with the score of its most suspicious line, best first."""
        return ranked_functions(self.failing[0], self._counts(), self.failing[1:]) if self.failing else []

    def _counts(self) -> Counter[tuple[str, int]]:
        pairs = ((path, line, count) for path, lines in self.passing.items() for line, count in lines.items())
        return Counter({(path, line): count for path, line, count in pairs})


def _reached(failing: Sequence[Trace], passing: Sequence[Trace]) -> dict[str, tuple[str, ...]]:
    ran = {one.id: None for trace in failing for one in trace.case if not is_test_path(one.path)}
    found: dict[str, set[str]] = {}
    for trace in passing:
        found.setdefault(trace.test.partition("::")[0], set()).update(one.id for one in trace.case if one.id in ran)
    return {path: tuple(sorted(functions)[:MOST_FUNCTIONS]) for path, functions in found.items()}


def _kept(trace: Trace) -> Trace:
    if len(trace.functions) <= MOST_FUNCTIONS:
        return trace
    remark = f"of {len(trace.functions)} functions {MOST_FUNCTIONS} are kept"
    functions = trace.functions[:MOST_FUNCTIONS]
    callers = [one if one.caller < MOST_FUNCTIONS else one.model_copy(update={"caller": -1}) for one in functions]
    return trace.model_copy(update={"functions": tuple(callers), "remarks": (*trace.remarks, remark)})


def _valued(trace: Trace, valued: Container[str]) -> Trace:
    """Return a trace without the values of calls that nobody will look at."""
    functions = [one if one.id in valued else one.model_copy(update={"examples": ()}) for one in trace.functions]
    return trace.model_copy(update={"functions": tuple(functions)})
