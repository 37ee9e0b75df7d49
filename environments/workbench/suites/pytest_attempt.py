"""One run of pytest over some paths of a tree, and what it told of its tests (``supervised``), also before its end.

Policy: the repository's own ``addopts`` are cleared, since they ask for coverage, parallel runs or an early stop;
what a suite does need is in ``EnvironmentSpec.test_args``. Installed plugins load only if the environment pins one
(a package named ``pytest-...``) or is made by a Dockerfile, and the random order plugin never does. No cache is
written. Test ids are relative to the tree's root wherever the repository keeps its configuration.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import PurePosixPath

from environments.sandboxes.contract import WORKTREE, Result, Sandbox
from environments.task import EnvironmentSpec
from environments.text import one_line
from environments.workbench.outcome import Outcome
from environments.workbench.suites.junit import ReportError, read_report
from environments.workbench.suites.pytest_stream import Streamed, read_stream
from environments.workbench.suites.supervised import run_supervised

_PYTEST = (
    *("-q", "--tb=short", "--no-header", f"--rootdir={WORKTREE}"),
    *("-p", "no:cacheprovider", "-p", "no:randomly", "-o", "addopts=", "-o", "junit_logging=no"),
    *("-o", "junit_family=xunit2", "--continue-on-collection-errors"),
)
NO_TESTS, USAGE = 5, 4
"""pytest's exit codes; the second also says that it could not start with a project's settings."""

_TELLS = re.compile(r"\w(Error|Exception)\b|\berror:|No module named", re.IGNORECASE)
_CONFTEST = re.compile(r"while loading conftest '/testbed/(.*?)'")
_ABSENT = re.compile(r"No module named '?pytest'?$")


@dataclass(frozen=True)
class Attempt:
    """One run of pytest."""

    outcomes: dict[str, Outcome]
    result: Result
    complete: bool
    """It came to its own end, as the process that watched over it says."""
    problem: str | None
    """Why not, in one line."""
    streamed: Streamed = field(default_factory=Streamed)
    """Where it did not: what it had told by then."""
    failures: dict[str, str] = field(default_factory=dict)
    """What the tests that failed printed, where there is a report."""
    expected_failures: tuple[str, ...] = ()
    """Of those that pass: the ones that failed as they were marked to, where there is a report."""
    changed: tuple[str, ...] = ()
    """What of the test runner became another while it ran."""


def folder_of_broken_conftest(output: str) -> PurePosixPath | None:
    """Return the folder whose conftest could not be loaded, for which pytest ran nothing at all; None: no such."""
    blamed = _CONFTEST.search(output)
    return PurePosixPath(blamed[1]).parent if blamed else None


def attempt(
    sandbox: Sandbox,
    spec: EnvironmentSpec,
    files: Sequence[str],
    *,
    timeout: float,
    paths: Sequence[str],
    options: Sequence[str] = (),
) -> Attempt:
    """Run pytest on ``paths`` (all that it collects by itself when empty). ``files``: the tree's, to read ids by."""
    plugins = bool(spec.dockerfile) or any(package.lower().startswith("pytest-") for package in spec.packages)
    variables = "" if plugins else "PYTEST_DISABLE_PLUGIN_AUTOLOAD=1"
    told = run_supervised(
        sandbox, spec, [*_PYTEST, *options, *spec.test_args, *paths], timeout=timeout, variables=variables
    )
    result = told.result
    problem = _ending(result, timeout) or told.problem
    if not problem and told.ended and result.exit_code in (0, 1, NO_TESTS):
        try:
            report = read_report(told.report, files)
            return Attempt(
                report.outcomes,
                result,
                complete=True,
                problem=None,
                failures=report.failures,
                expected_failures=report.expected_failures,
                changed=told.changed,
            )
        except ReportError as error:
            problem = str(error)
    streamed = read_stream(told.report, files)
    ending = Outcome.TIMEOUT if result.timed_out else Outcome.ERROR
    outcomes = {**streamed.outcomes, **dict.fromkeys(streamed.under_way, ending)}
    problem = problem or _cut_short(result)
    return Attempt(outcomes, result, complete=False, problem=problem, streamed=streamed, changed=told.changed)


def _cut_short(result: Result) -> str:
    """Say how it ended before its end, in the words of the last line that tells of an error, if any does."""
    told = [line for line in result.output.decode(errors="replace").splitlines() if _TELLS.search(line)]
    if told and _ABSENT.search(told[-1]):
        return "pytest is not installed there"
    why = f": {one_line(told[-1].removeprefix('E '), 200)}" if told else ""
    return f"pytest ended with exit code {result.exit_code} before its end{why}"


def _ending(result: Result, timeout: float) -> str | None:
    if result.timed_out:
        return f"The test suite ran longer than {timeout:.0f} s"
    if result.killed is not None:
        return f"The test suite was ended by the harness: {result.killed}"
    return None
