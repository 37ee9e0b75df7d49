"""Runs a tree's whole suite by pytest so that one file, one setting or one crash takes no more with it than it must.

A file that cannot be collected, or that ends the whole process, is left out and named, and the others run; settings
that the environment cannot fulfil (a plugin that is required, warnings made errors) are set aside and named; what ran
before the time was up counts. Files are set apart by halves, in a bounded number of runs and the suite's one time.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from fnmatch import fnmatch
from pathlib import PurePosixPath

from environments.sandboxes.contract import Sandbox
from environments.task import EnvironmentSpec
from environments.workbench.outcome import Outcome
from environments.workbench.scripts.script_runner import shorten
from environments.workbench.suites.pytest_attempt import (
    NO_TESTS,
    USAGE,
    Attempt,
    attempt,
    folder_of_broken_conftest,
)
from environments.workbench.suites.suite_run import SuiteRun, SuiteState

MOST_RUNS = 24
TEST_FILES = ("test_*.py", "*_test.py")
ODD_TEST_FILES = ("test*.py", "*_tests.py", "tests.py")
"""As unittest and others name them: run where pytest by itself finds no test."""
_SETTINGS = {
    "filterwarnings=": r"PytestConfigWarning|PytestRemovedIn|Pytest\w{0,40}Warning|while parsing the following warning",
    "required_plugins=": r"Missing required plugins",
    "strict=false": r"Unknown config option",
    "strict_config=false": r"Unknown config option",
}
"""Settings -> how pytest says that it cannot start for them."""


@dataclass
class _State:
    """What is known so far of a suite that did not run to its end at once."""

    outcomes: dict[str, Outcome]
    seconds: float
    left_out: dict[str, str] = field(default_factory=dict)
    runs: int = 1
    changed: dict[str, None] = field(default_factory=dict)


def run_pytest(sandbox: Sandbox, spec: EnvironmentSpec, files: Sequence[str], *, timeout: float) -> SuiteRun:
    """Run the tests that ``spec`` names. ``files``: the tree's, none of which git ignores."""
    first = attempt(sandbox, spec, files, timeout=timeout, paths=spec.test_paths)
    options: list[str] = []
    if not first.complete and not first.outcomes:
        options = set_aside(first.result.text)
        if options:
            left = max(1.0, timeout - first.result.seconds)
            first = attempt(sandbox, spec, files, timeout=left, paths=spec.test_paths, options=options)
    remarks = tuple(f"the project's setting {word} is set aside: pytest could not start" for word in options[1::2])
    if first.result.exit_code == NO_TESTS and not first.outcomes and not spec.test_paths:
        odd = test_files(files, spec.test_paths, ODD_TEST_FILES)
        if odd:
            first = attempt(sandbox, spec, files, timeout=timeout, paths=odd, options=options)
            remarks += ("the test files are not named as pytest names them, and are given to it one by one",)
    if first.complete:
        return _whole(first, remarks)
    state = _State(dict(first.outcomes), first.result.seconds, changed=dict.fromkeys(first.changed))
    rest = _rest(first, test_files(files, spec.test_paths, TEST_FILES))
    if not first.result.timed_out and not _concerns_all(first) and (first.outcomes or len(rest) > 1):
        _go_on(state, sandbox, spec, files, rest, first, timeout=timeout, options=options)
    return _in_parts(first, state, remarks, timeout)


def test_files(files: Iterable[str], below: Sequence[str], patterns: Sequence[str]) -> list[str]:
    """Return the tree's test files by their names, those below some paths where any are given."""
    roots = [PurePosixPath(path.split("::")[0]) for path in below]
    return [
        path
        for path in files
        if any(fnmatch(PurePosixPath(path).name, pattern) for pattern in patterns)
        and (not roots or any(PurePosixPath(path).is_relative_to(root) for root in roots))
    ]


def _concerns_all(run: Attempt) -> bool:
    """Tell whether pytest refused to start for what no choice of files changes."""
    of_some = r"while loading conftest|file or directory not found"
    refused = run.result.exit_code == USAGE and not re.search(of_some, run.result.text)
    return not run.outcomes and (refused or "Error importing plugin" in run.result.text)


def set_aside(output: str) -> list[str]:
    """Return the options that set aside the project's settings for which pytest says that it cannot start."""
    found = [setting for setting, sign in _SETTINGS.items() if re.search(sign, output)]
    return [word for setting in found for word in ("-o", setting)]


def _go_on(
    state: _State,
    sandbox: Sandbox,
    spec: EnvironmentSpec,
    files: Sequence[str],
    rest: list[str],
    last: Attempt,
    *,
    timeout: float,
    options: Sequence[str],
) -> None:
    """Run what has not run, in parts: what ends a run is set apart by halves and left out."""
    waiting = _parts(state, rest, last)
    while waiting and state.runs < MOST_RUNS and state.seconds < timeout:
        part = waiting.pop(0)
        left = timeout - state.seconds
        last = attempt(sandbox, spec, files, timeout=left, paths=part, options=options)
        state.runs += 1
        state.seconds += last.result.seconds
        state.changed.update(dict.fromkeys(last.changed))
        for test, outcome in last.outcomes.items():
            state.outcomes[test] = outcome
        if last.result.timed_out:
            return
        if not last.complete:
            waiting[:0] = _parts(state, _rest(last, part), last)


def _parts(state: _State, rest: list[str], last: Attempt) -> list[list[str]]:
    """Divide files that a run did not come to: without those that the run blames, in halves when it told nothing."""
    if last.complete or not rest:
        return []
    why = _reason(last)
    if folder := folder_of_broken_conftest(last.result.text):
        below = [path for path in rest if PurePosixPath(path).is_relative_to(folder)]
        state.left_out[str(folder)] = why
        return [kept] if below and (kept := [path for path in rest if path not in below]) else []
    if last.outcomes:
        return [rest]
    if len(rest) == 1:
        state.left_out[rest[0]] = why
        state.outcomes[rest[0]] = Outcome.ERROR
        return []
    middle = len(rest) // 2
    return [rest[:middle], rest[middle:]]


def _rest(last: Attempt, part: Sequence[str]) -> list[str]:
    seen = {test.split("::")[0] for test in last.outcomes}
    return [path for path in part if path not in seen]


def _reason(last: Attempt) -> str:
    """Return the line that says most of why nothing could be collected."""
    lines = [line.strip() for line in last.result.text.splitlines() if line.strip()]
    told = [line for line in lines if re.match(r"E\s|ERROR|(INTERNALERROR>\s+)?\w*(Error|Exit|Warning)\b", line)]
    return re.sub(r"^(E|ERROR:?|INTERNALERROR>)\s+", "", (told or [str(last.problem)])[-1])[:300]


def _whole(run: Attempt, remarks: tuple[str, ...]) -> SuiteRun:
    broken = [test for test, outcome in run.outcomes.items() if outcome is Outcome.ERROR and "::" not in test]
    left_out = {path: _collection_error(path, run.result.text) for path in broken}
    some = any(test not in left_out for test in run.outcomes)
    if some:
        state, problem = SuiteState.RAN, None
    elif broken:
        state, problem = SuiteState.NOT_COLLECTED, None
    else:
        state, problem = SuiteState.NO_TESTS, f"pytest found no tests (exit code {run.result.exit_code})."
    return _run(run, run.outcomes, state, problem, left_out, remarks, run.result.seconds)


def _in_parts(first: Attempt, state: _State, remarks: tuple[str, ...], timeout: float) -> SuiteRun:
    """Put together what a suite told that did not run to its end at once."""
    left_out = dict(state.left_out)
    tested = [test for test in state.outcomes if test not in left_out]
    in_time: tuple[str, ...] = ()
    problem: str | None = f"{first.problem}."
    if first.result.timed_out or state.seconds >= timeout:
        how = SuiteState.TIMED_OUT
        problem = f"The test suite ran longer than {timeout:.0f} s."
        in_time = _in_time(first, timeout)
    elif tested and (left_out or state.runs > 1) and state.runs < MOST_RUNS:
        how, problem = SuiteState.RAN, None
    elif left_out:
        how = SuiteState.NOT_COLLECTED
        problem = f"No test can be collected: {next(iter(left_out))}: {next(iter(left_out.values()))}"
    else:
        how = SuiteState.CRASHED
        if "file or directory not found" in first.result.text and not tested:
            how, problem = SuiteState.NO_TESTS, "pytest found no tests: a path that it is given is not there."
        elif _concerns_all(first):
            how, problem = SuiteState.NOT_COLLECTED, f"No test can be collected: {_reason(first)}"
    run = _run(first, state.outcomes, how, problem, left_out, remarks, state.seconds, in_time)
    return run.model_copy(update={"changed": tuple(state.changed)})


def _in_time(run: Attempt, timeout: float) -> tuple[str, ...]:
    ends: dict[str, float] = {}
    for test, seconds in run.streamed.ended_at.items():
        path = test.split("::")[0]
        ends[path] = max(seconds, ends.get(path, 0.0))
    going_on = {test.split("::")[0] for test in run.streamed.under_way}
    return tuple(path for path, seconds in ends.items() if seconds <= timeout / 2 and path not in going_on)


def _collection_error(path: str, output: str) -> str:
    after = output.split(f"ERROR collecting {path} ", 1)[-1] if f"ERROR collecting {path} " in output else ""
    lines = [line[1:].strip() for line in after.split("\n____", 1)[0].splitlines() if line.startswith("E ")]
    return (lines[-1] if lines else "it cannot be collected")[:300]


def _run(
    run: Attempt,
    outcomes: dict[str, Outcome],
    state: SuiteState,
    problem: str | None,
    left_out: dict[str, str],
    remarks: tuple[str, ...],
    seconds: float,
    in_time: tuple[str, ...] = (),
) -> SuiteRun:
    return SuiteRun(
        outcomes=outcomes,
        problem=problem,
        exit_code=run.result.exit_code,
        output=shorten(run.result.text),
        seconds=seconds,
        state=state,
        left_out=dict(list(left_out.items())[:100]),
        in_time=in_time,
        remarks=remarks,
        failures=run.failures,
        expected_failures=run.expected_failures,
        supervised=True,
        changed=run.changed,
    )
