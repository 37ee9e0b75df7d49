"""The regression gate: existing tests that pass on the base, twice, and those of them that a candidate breaks.

The gate is absolute (no test that passed may stop passing), not relative to the best of the pool as in R2E-Gym
(arXiv 2504.07164, section 4.1); the rules fall back to the fewest regressions and say so where nobody is clean.
"""

from __future__ import annotations

from collections.abc import Sequence

from pydantic import BaseModel, ConfigDict

from environments.workbench.outcome import Outcome
from environments.workbench.workbench import Workbench
from verifiers.ballot import Candidate


class Baseline(BaseModel):
    """What the existing tests do on the base."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    passing: tuple[str, ...]
    """Ids of the tests that passed both times: the regression tests."""
    failing: tuple[str, ...]
    """Those that passed neither time."""
    flaky: tuple[str, ...]
    """Those that passed once: they gate nothing."""
    problem: str | None
    """Why the suite gives no report; then nothing is gated."""


def baseline(bench: Workbench) -> Baseline:
    """Run the existing tests on the base twice."""
    first, second = bench.suites([(None, 0), (None, 1)])
    names = sorted(first.outcomes.keys() | second.outcomes.keys())
    passes = {name: [run.outcome(name) == Outcome.PASS for run in (first, second)] for name in names}
    return Baseline(
        passing=tuple(name for name in names if all(passes[name])),
        failing=tuple(name for name in names if not any(passes[name])),
        flaky=tuple(name for name in names if any(passes[name]) and not all(passes[name])),
        problem=first.problem or second.problem,
    )


def regressions(bench: Workbench, candidates: Sequence[Candidate], base: Baseline) -> dict[str, tuple[str, ...]]:
    """Return, by candidate id, the regression tests that do not pass on it; empty where there is no baseline.

    A candidate on which the suite crashes or runs out of time fails all of them.
    """
    if not base.passing:
        return {}
    suites = bench.suites([(candidate.patch, 0) for candidate in candidates])
    return {
        candidate.id: tuple(name for name in base.passing if suite.outcome(name) != Outcome.PASS)
        for candidate, suite in zip(candidates, suites, strict=True)
    }
