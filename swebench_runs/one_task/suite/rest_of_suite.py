"""The rest of a suite that is too long to be run on every patch: run on the finalists alone, as far as a budget goes.

What is near the change was run before, on every candidate. Here the other test files are, those that reach the changed
code by their imports first: once on the base, then on each finalist. A test that passes on the base, again when asked
again, and does not on a finalist, is a regression like any other. What was run and what was not is kept and told.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from pydantic import BaseModel, ConfigDict

from agent.patch import is_test_path, sections
from environments.workbench.outcome import Outcome
from environments.workbench.suites.suite_run import SuiteRun, SuiteState
from selection.rules import finalists
from swebench_runs.one_task.suite.base_suite import BaseSuite
from swebench_runs.one_task.suite.import_reach import reach
from swebench_runs.one_task.suite.nearest_tests import executed, suite_files
from swebench_runs.one_task.traces_kept import known_traces
from swebench_runs.one_task.work import Work
from verifiers.ballot import Ballot

FILE = "rest_of_suite.json"
_MOST_ROUNDS = 3
"""Times that other candidates take the place of finalists which turned out to break something."""
_SHOWN = 3


class RestOfSuite(BaseModel):
    """What was run of a suite that is too long, by test file."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    everywhere: tuple[str, ...]
    """Run on every candidate."""
    on_finalists: tuple[str, ...] = ()
    not_run: tuple[str, ...] = ()
    broken: Mapping[str, tuple[str, ...]] = {}
    """Candidate id -> tests of the rest that it breaks."""

    @property
    def said(self) -> str:
        """What was run and what was not, in one line."""
        told = [f"too long to be run whole: {_files(self.everywhere)} run on every patch"]
        told += [f"{_files(self.on_finalists)} more on the finalists"] if self.on_finalists else []
        some = ", ".join(self.not_run[:_SHOWN]) + (", ..." if len(self.not_run) > _SHOWN else "")
        told += [f"{_files(self.not_run)} not run: {some} (--suite-budget SECONDS runs more)"] if self.not_run else []
        return "; ".join(told)


def run_rest(work: Work, base: BaseSuite, ballot: Ballot) -> Ballot:
    """Return the ballot with what the rest of the suite says of the finalists; as it is where the suite ran whole."""
    if base.of_patches(len(ballot.candidates)).state is not SuiteState.TIMED_OUT or work.task.environment.test_command:
        return ballot
    with work.stage("rest of the suite"):
        everywhere = work.bench.suite_paths
        rest = _rest(work, ballot)
        ran: tuple[str, ...] = ()
        if rest and work.config.suite_budget and ballot.candidates:
            ballot, ran = _measured(work, ballot, rest, work.config.suite_budget)
        broken = {name: tests for name, tests in ballot.regressions.items() if tests and ran}
        told = RestOfSuite(
            everywhere=everywhere,
            on_finalists=ran,
            not_run=tuple(path for path in rest if path not in ran),
            broken={name: tuple(one for one in tests if one.split("::")[0] in ran) for name, tests in broken.items()},
        )
        work.folder.write(FILE, told)
        work.folder.write("ballot.json", ballot)
        work.progress.note(work.task.instance_id, f"existing tests: {told.said}")
    return ballot


def _rest(work: Work, ballot: Ballot) -> tuple[str, ...]:
    """Return the test files that were not run yet, those first that execute or reach what the candidates change."""
    spec, files, traces = work.task.environment, work.bench.contents(), known_traces(work)
    reached = traces.reached if traces else {}
    changed = {part.path for candidate in ballot.candidates for part in sections(candidate.patch)}
    sources = [path for path in sorted(changed) if not is_test_path(path)]
    steps = reach(sources, files, spec.python_path)
    rest = [path for path in suite_files(files, spec.test_paths) if path not in work.bench.suite_paths]
    near = {path: (-executed(path, sources, reached), steps.get(path, len(files))) for path in rest}
    return tuple(sorted(rest, key=lambda path: (near[path], path)))


def _measured(work: Work, ballot: Ballot, rest: Sequence[str], budget: float) -> tuple[Ballot, tuple[str, ...]]:
    """Run the rest on the base, then on finalist after finalist, within a budget; return what ran as well."""
    seconds = budget / (1 + len(finalists(ballot)))
    on_base = work.bench.part(rest, [(None, 0)], seconds=seconds)[0]
    passing = tuple(sorted(test for test, outcome in on_base.outcomes.items() if outcome is Outcome.PASS))
    cut = {test.split("::")[0] for test, outcome in on_base.outcomes.items() if outcome is Outcome.TIMEOUT}
    ran = tuple(path for path in rest if path not in cut and _told_of(path, on_base))
    passing = tuple(test for test in passing if test.split("::")[0] in ran)
    ballot = ballot.model_copy(update={"regression_tests": tuple(dict.fromkeys([*ballot.regression_tests, *passing]))})
    left, measured = budget - on_base.seconds, set[str]()
    for _ in range(_MOST_ROUNDS):
        new = [name for name in finalists(ballot) if name not in measured]
        if not passing or not new or left < seconds / 2:
            break
        patches = {candidate.id: candidate.patch for candidate in ballot.candidates}
        runs = work.bench.part(ran, [(patches[name], 0) for name in new], seconds=2 * seconds)
        left -= sum(run.seconds for run in runs)
        found = {name: _broken(run, passing) for name, run in zip(new, runs, strict=True)}
        found = _confirmed(work, found, seconds)
        known = {name: tuple(dict.fromkeys([*ballot.regressions.get(name, ()), *found[name]])) for name in new}
        ballot = ballot.model_copy(update={"regressions": {**ballot.regressions, **known}})
        measured |= set(new)
    return ballot, ran if measured else ()


def _told_of(path: str, run: SuiteRun) -> bool:
    return any(test.startswith(f"{path}::") for test in run.outcomes)


def _broken(run: SuiteRun, passing: Sequence[str]) -> tuple[str, ...]:
    """Return the tests that a run shows not to pass; those that it did not come to say nothing."""
    cut = run.state is SuiteState.TIMED_OUT
    seen = {test: run.outcome(test) for test in passing}
    unknown = (Outcome.PASS, Outcome.MISSING) if cut else (Outcome.PASS,)
    return tuple(test for test, outcome in seen.items() if outcome not in unknown)


def _confirmed(work: Work, found: Mapping[str, tuple[str, ...]], seconds: float) -> dict[str, tuple[str, ...]]:
    """Leave out the tests that do not pass on the base a second time: they change their minds."""
    suspects = {test for tests in found.values() for test in tests}
    if not suspects:
        return dict(found)
    paths = sorted({test.split("::")[0] for test in suspects})
    again = work.bench.part(paths, [(None, 1)], seconds=seconds)[0]
    return {name: tuple(t for t in tests if again.outcome(t) is Outcome.PASS) for name, tests in found.items()}


def _files(paths: Sequence[str]) -> str:
    return f"{len(paths)} test {'file' if len(paths) == 1 else 'files'}"
