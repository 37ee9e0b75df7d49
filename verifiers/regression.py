"""The regression gate: existing tests that pass on the base, twice, and those of them that a candidate breaks.

The gate is absolute (no test that passed may stop passing), not relative to the best of the pool as in R2E-Gym
(arXiv 2504.07164, section 4.1); the rules fall back to the fewest regressions and say so where nobody is clean.
"""

from __future__ import annotations

from collections.abc import Sequence

from pydantic import BaseModel, ConfigDict

from environments.workbench.outcome import Outcome
from environments.workbench.suites.suite_run import SuiteRun, SuiteState
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
    """Why the suite gives no whole report; what is in ``passing`` all the same gates."""
    state: SuiteState = SuiteState.RAN
    """How the suite ended: there may be no tests, none that can be collected, or too many for the time."""
    left_out: dict[str, str] = {}
    """Test files that cannot be collected -> why: they gate nothing, and the others do."""
    remarks: tuple[str, ...] = ()
    """What had to be set aside for the suite to run, a line each."""


def baseline(bench: Workbench, near: Sequence[str] = (), *, at_once: bool = True) -> Baseline:
    """Run the existing tests on the base twice, at the same time unless others want to run tests too.

    Of a suite that its time cuts off, the files ``near`` the issue and those that ended within half of the time are
    the suite from then on (``bench.suite_paths``): so a candidate's run comes to its end. Where the runner by itself
    finds no test at all, those near are.
    """
    first, second = _twice(bench, at_once)
    cut = first.state is SuiteState.TIMED_OUT or second.state is SuiteState.TIMED_OUT
    problem = first.problem or second.problem
    if near and not bench.suite_paths and first.state is second.state is SuiteState.NO_TESTS:
        bench.suite_paths = tuple(near)
        first, second = _twice(bench, at_once)
        problem = first.problem or second.problem
    if bench.task.environment.test_command:
        if left_out := {**first.left_out, **second.left_out}:
            bench.narrow([path for path in bench.suite_paths if path not in left_out])
        first, second = _within_half_of_the_time(bench, first, second, at_once)
        cut = first.state is SuiteState.TIMED_OUT or second.state is SuiteState.TIMED_OUT
        problem = first.problem or second.problem
    elif cut:
        in_time = [path for path in first.in_time if path in second.in_time]
        kept = tuple(dict.fromkeys([*near, *in_time]))
        if kept and kept != bench.suite_paths:
            bench.suite_paths = kept
            first, second = _twice(bench, at_once)
    names = sorted(first.outcomes.keys() | second.outcomes.keys())
    passes = {name: [run.outcome(name) == Outcome.PASS for run in (first, second)] for name in names}
    return Baseline(
        passing=tuple(name for name in names if all(passes[name])),
        failing=tuple(name for name in names if not any(passes[name])),
        flaky=tuple(name for name in names if any(passes[name]) and not all(passes[name])),
        problem=problem,
        state=SuiteState.TIMED_OUT if cut else max(first.state, second.state, key=list(SuiteState).index),
        left_out={**first.left_out, **second.left_out},
        remarks=first.remarks,
    )


def _within_half_of_the_time(
    bench: Workbench, first: SuiteRun, second: SuiteRun, at_once: bool
) -> tuple[SuiteRun, SuiteRun]:
    """Run ever fewer of the chosen files until they end on the base within half of the time, or the nearest is left.

    The log of a repository's own runner does not tell what a file took. The other half is for candidates, which run
    when the machine may be busier: one that is cut off would seem to break what it did not come to.
    """
    while len(bench.suite_paths) > 1 and max(first.seconds, second.seconds) > bench.suite_timeout / 2:
        bench.narrow(bench.suite_paths[: len(bench.suite_paths) // 2])
        first, second = _twice(bench, at_once)
    return first, second


def _twice(bench: Workbench, at_once: bool) -> list[SuiteRun]:
    return bench.suites([(None, 0), (None, 1)]) if at_once else [bench.suite(), bench.suite(repeat=1)]


def regressions(bench: Workbench, candidates: Sequence[Candidate], base: Baseline) -> dict[str, tuple[str, ...]]:
    """Return, by candidate id, the regression tests that do not pass on it; empty where there is no baseline.

    A candidate on which the suite crashes or runs out of time fails those of them that did not pass by then; of a
    suite that was cut off on the base too, only those that it came to.
    """
    if not base.passing:
        return {}
    on_base, *suites = bench.suites([(None, 0), *((candidate.patch, 0) for candidate in candidates)])
    return {
        candidate.id: tuple(name for name in base.passing if _broken(suite, name, base, on_base))
        for candidate, suite in zip(candidates, suites, strict=True)
    }


def changes_runner(bench: Workbench, candidates: Sequence[Candidate]) -> dict[str, tuple[str, ...]]:
    """Return, by candidate id, what of the test runner becomes another while the tests run, and does not on the base.

    No repair needs it. Where the runner cannot be watched (``SuiteRun.supervised``) nothing is known.
    """
    on_base, *suites = bench.suites([(None, 0), *((candidate.patch, 0) for candidate in candidates)])
    also = set(on_base.changed)
    return {
        candidate.id: names
        for candidate, suite in zip(candidates, suites, strict=True)
        if (names := tuple(name for name in suite.changed if name not in also))
    }


def _broken(suite: SuiteRun, test: str, base: Baseline, on_base: SuiteRun) -> bool:
    if test in suite.expected_failures and test not in on_base.expected_failures:
        return True  # the patch makes it a test that is to fail
    outcome = suite.outcome(test)
    if suite.state is SuiteState.TIMED_OUT and base.state is SuiteState.TIMED_OUT and outcome is Outcome.MISSING:
        return False  # neither run is known to come to it
    return outcome is not Outcome.PASS
