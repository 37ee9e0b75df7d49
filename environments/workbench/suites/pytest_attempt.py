"""One run of pytest over some paths of a tree, and what it told: by its report, or by what it had told before it ended.

Policy: the repository's own ``addopts`` are cleared, since they ask for coverage, parallel runs or an early stop;
what a suite does need is in ``EnvironmentSpec.test_args``. Installed plugins load only if the environment pins one
(a package named ``pytest-...``) or is made by a Dockerfile, and the random order plugin never does. No cache is
written. Test ids are relative to the tree's root wherever the repository keeps its configuration.
"""

from __future__ import annotations

import re
import secrets
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import PurePosixPath

from environments.sandboxes.contract import WORKTREE, Result, Sandbox, UnreadableFile
from environments.task import EnvironmentSpec
from environments.text import one_line
from environments.workbench.outcome import Outcome
from environments.workbench.scripts.script_runner import python_command
from environments.workbench.suites.junit import ReportError, read_report
from environments.workbench.suites.pytest_stream import PLUGIN, Streamed, read_stream
from environments.workbench.tests_at_once import TURNS

_PYTEST = (
    *("-m", "pytest", "-q", "--tb=short", "--no-header", f"--rootdir={WORKTREE}"),
    *("-p", "no:cacheprovider", "-p", "no:randomly", "-o", "addopts=", "-o", "junit_logging=no"),
    *("-o", "junit_family=xunit2", "--continue-on-collection-errors"),
)
_INTERNAL = "pytest::internal"
"""What pytest calls an error of its own, or of a plugin's, in its report; no test."""
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
    """It came to its own end and wrote a report."""
    problem: str | None
    """Why not, in one line."""
    streamed: Streamed = field(default_factory=Streamed)
    """Where it did not: what it had told by then."""
    failures: dict[str, str] = field(default_factory=dict)
    """What the tests that failed printed, where there is a report."""
    expected_failures: tuple[str, ...] = ()
    """Of those that pass: the ones that failed as they were marked to, where there is a report."""


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
    key = secrets.token_hex(16)
    report, plugin = f"/tmp/runoff/{key}/report.xml", f"/tmp/runoff/{key}/runoff_{key}.py"
    sandbox.write(plugin, PLUGIN)
    command = _command(spec, report, plugin, [*options, *spec.test_args, *paths])
    with TURNS.turn():
        result = sandbox.run(command, timeout=timeout)
    problem = _ending(result, timeout)
    if problem is None:
        try:
            told = read_report(sandbox.read(report), files)
            internal = told.outcomes.pop(_INTERNAL, None) is not None
            if not internal and result.exit_code in (0, 1, NO_TESTS):
                expected = told.expected_failures
                return Attempt(told.outcomes, result, True, None, failures=told.failures, expected_failures=expected)
            problem = f"pytest ended with exit code {result.exit_code} before its end"
        except FileNotFoundError:
            problem = _unreported(result)
        except UnreadableFile:
            problem = "the test report is no file that can be read"
        except ReportError as error:
            problem = str(error)
    try:
        streamed = read_stream(sandbox.read(f"{plugin}.stream"), files)
    except (FileNotFoundError, UnreadableFile):
        streamed = Streamed()
    ending = Outcome.TIMEOUT if result.timed_out else Outcome.ERROR
    outcomes = {**streamed.outcomes, **dict.fromkeys(streamed.under_way, ending)}
    return Attempt(outcomes, result, complete=False, problem=problem, streamed=streamed)


def _unreported(result: Result) -> str:
    """Say why there is no report, in the words of the last line that tells of an error, if any does."""
    told = [line for line in result.output.decode(errors="replace").splitlines() if _TELLS.search(line)]
    if told and _ABSENT.search(told[-1]):
        return "pytest is not installed there"
    why = f": {one_line(told[-1].removeprefix('E '), 200)}" if told else ""
    return f"pytest ended with exit code {result.exit_code} and wrote no report{why}"


def _command(spec: EnvironmentSpec, report: str, plugin: str, arguments: Sequence[str]) -> list[str]:
    plugins = bool(spec.dockerfile) or any(package.lower().startswith("pytest-") for package in spec.packages)
    variables = "" if plugins else "PYTEST_DISABLE_PLUGIN_AUTOLOAD=1"
    folder, _, name = plugin.removesuffix(".py").rpartition("/")
    words = (*_PYTEST, "-p", name, f"--junitxml={report}", *arguments)
    return python_command(spec, *words, variables=variables, folders=(folder,))


def _ending(result: Result, timeout: float) -> str | None:
    if result.timed_out:
        return f"The test suite ran longer than {timeout:.0f} s"
    if result.killed is not None:
        return f"The test suite was ended by the harness: {result.killed}"
    return None
