"""Where a fault may be: what failing tests execute and passing ones do not (Ochiai), then nearness to the failure."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Mapping, Sequence

from pydantic import BaseModel, ConfigDict

from agent.context.traces.trace import ExecutedFunction, Trace
from agent.patch.paths import is_test_path

Line = tuple[str, int]
"""Path and number."""

SCORE, NEAR = 1.0, 0.5
"""How much the spectrum counts, and how much nearness to the failure."""


class Suspect(BaseModel):
    """A line that a failing test executed, with how much speaks for a fault there."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    path: str
    line: int
    name: str
    """The qualified name of the function that it lies in."""
    score: float

    @property
    def id(self) -> str:
        """The function's ``path::Class.method``."""
        return f"{self.path}::{self.name}"


def suspicious(trace: Trace, passing: Sequence[Trace] = (), others: Sequence[Trace] = ()) -> list[Suspect]:
    """Return the lines that a failing test ran, the most suspicious first; tests' own files are left out.

    ``passing``: traces of tests that pass; ``others``: of further tests that fail. Lines of one function keep the order
    in which they were executed where nothing tells them apart.
    """
    return ranked_lines(trace, Counter(line for one in passing for line in one.lines()), others)


def suspicious_functions(
    trace: Trace, passing: Sequence[Trace] = (), others: Sequence[Trace] = ()
) -> list[tuple[ExecutedFunction, float]]:
    """Return the functions that a failing test ran, each with the score of its most suspicious line, best first."""
    return ranked_functions(trace, Counter(line for one in passing for line in one.lines()), others)


def ranked_lines(trace: Trace, by_passing: Mapping[Line, int], others: Sequence[Trace] = ()) -> list[Suspect]:
    """Do as ``suspicious``, by how many passing tests ran each line."""
    failed = 1 + len(others)
    by_failing = Counter(line for one in others for line in one.lines())
    near = nearness(trace)
    found = []
    for function in trace.case:
        if is_test_path(function.path):
            continue
        for line in function.lines:
            place = function.path, line
            score = SCORE * ochiai(1 + by_failing[place], by_passing.get(place, 0), failed) + NEAR * near[function.id]
            found.append(Suspect(path=function.path, line=line, name=function.name, score=round(score, 4)))
    return sorted(found, key=lambda one: -one.score)


def ranked_functions(
    trace: Trace, by_passing: Mapping[Line, int], others: Sequence[Trace] = ()
) -> list[tuple[ExecutedFunction, float]]:
    """Do as ``suspicious_functions``, by how many passing tests ran each line."""
    best: dict[str, float] = {}
    for suspect in ranked_lines(trace, by_passing, others):
        best.setdefault(suspect.id, suspect.score)
    functions = {one.id: one for one in trace.case}
    return [(functions[id], score) for id, score in sorted(best.items(), key=lambda pair: -pair[1])]


def ochiai(failing: int, passing: int, failed: int) -> float:
    """Return Ochiai's coefficient of what so many of ``failed`` failing tests and so many passing ones executed."""
    return failing / math.sqrt(failed * (failing + passing)) if failing else 0.0


def nearness(trace: Trace) -> dict[str, float]:
    """Return how near each function is to the failure, from 0 to 1.

    Those that the exception went through are near, the innermost most; else those that the test itself calls.
    """
    near = {one.id: 1.0 / (2 + one.depth) for one in trace.case}
    frames = (trace.failure.frames if trace.failure else ())[::-1]
    for distance, frame in enumerate(frames):
        inside = [one for one in trace.case if one.path == frame.path and frame.line in one.lines]
        for function in inside:
            near[function.id] = max(near[function.id], 1.0 / (1 + distance))
    return near
