"""Runs a repository's existing tests in a sandbox and reads their outcomes: from junit XML, or from its runner's log.

Policy: the repository's own ``addopts`` are cleared, since they ask for coverage, parallel runs or an early stop;
what a suite does need is in ``EnvironmentSpec.test_args``. Installed plugins load only if the environment pins one
(a package named ``pytest-...``) or is made by a Dockerfile, and the random order plugin never does. No cache is
written. Test ids are relative to the tree's root wherever the repository keeps its configuration.

A repository with a runner of its own (``EnvironmentSpec.test_command``) is asked for named tests only, since its whole
suite may take hours, and its log is read by ``test_logs``; its test ids are what that reader calls them.
"""

from __future__ import annotations

import re
import secrets
import shlex

from pydantic import BaseModel, ConfigDict

from environments.sandboxes.contract import WORKTREE, Result, Sandbox, SandboxError
from environments.task import EnvironmentSpec
from environments.workbench.junit import ReportError, parse_junit
from environments.workbench.outcome import Outcome
from environments.workbench.running_tests import TURNS
from environments.workbench.script_runner import python_command, shorten
from environments.workbench.test_logs import Status, reader

_OUTCOMES = {
    Status.PASSED: Outcome.PASS,
    Status.XFAIL: Outcome.PASS,
    Status.FAILED: Outcome.FAIL,
    Status.ERROR: Outcome.ERROR,
    Status.SKIPPED: Outcome.MISSING,
}
_PYTEST = (
    *("-m", "pytest", "-q", "--tb=short", "--no-header", f"--rootdir={WORKTREE}"),
    *("-p", "no:cacheprovider", "-p", "no:randomly", "-o", "addopts=", "-o", "junit_logging=no"),
    *("-o", "junit_family=xunit2", "--continue-on-collection-errors"),
)


class SuiteRun(BaseModel):
    """One run of the existing tests on one tree."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    outcomes: dict[str, Outcome]
    """By test id, ``path::Class::test[param]``; a test that is not in it is missing."""
    problem: str | None
    """Why there is no report (timeout, crash, a patch that does not apply); None when there is one."""
    exit_code: int
    output: str
    seconds: float

    def outcome(self, test: str) -> Outcome:
        """Return what a test did; missing when the report does not name it."""
        return self.outcomes.get(test, Outcome.MISSING)


def run_suite(sandbox: Sandbox, spec: EnvironmentSpec, *, timeout: float) -> SuiteRun:
    """Run the tests that ``spec`` names on the sandbox's tree, which they may change."""
    if spec.test_command:
        return _run_own_runner(sandbox, spec, timeout)
    report = f"/tmp/runoff/{secrets.token_hex(16)}/report.xml"
    with TURNS.turn():
        result = sandbox.run(_command(spec, report), timeout=timeout)
    outcomes: dict[str, Outcome] = {}
    problem = _ending(result, timeout)
    if problem is None:
        try:
            outcomes = parse_junit(sandbox.read(report), tree_files(sandbox))
        except FileNotFoundError:
            problem = f"pytest ended with exit code {result.exit_code} and wrote no report."
        except ReportError as error:
            problem = str(error)
    if problem is None and not outcomes:
        problem = f"pytest found no tests (exit code {result.exit_code})."
    return SuiteRun(
        outcomes=outcomes,
        problem=problem,
        exit_code=result.exit_code,
        output=shorten(re.sub(r"^.*generated xml file: .*\n", "", result.text, flags=re.MULTILINE)),
        seconds=result.seconds,
    )


def _run_own_runner(sandbox: Sandbox, spec: EnvironmentSpec, timeout: float) -> SuiteRun:
    if not spec.test_paths:
        why = "No existing test was chosen to be run, and the whole suite is too much."
        return SuiteRun(outcomes={}, problem=why, exit_code=0, output="", seconds=0.0)
    read = reader(spec.log_parser)
    dotted = spec.log_parser == "django"
    names = [_module(path) if dotted else path for path in spec.test_paths]
    command = " ".join([spec.test_command, *map(shlex.quote, (*spec.test_args, *names))])
    with TURNS.turn():
        result = sandbox.run(command, timeout=timeout)
    problem = _ending(result, timeout)
    statuses = {} if problem else read(result.text.replace("\r\n", "\n").replace("\r", "\n"))
    if problem is None and not statuses:
        problem = f"The tests ended with exit code {result.exit_code} and told of no test."
    return SuiteRun(
        outcomes={test: _OUTCOMES[status] for test, status in statuses.items()},
        problem=problem,
        exit_code=result.exit_code,
        output=shorten(result.text),
        seconds=result.seconds,
    )


def _module(path: str) -> str:
    """Return a test file as Django's runner calls it: a module below ``tests``."""
    return path.removesuffix(".py").removeprefix("tests/").replace("/", ".")


def tree_files(sandbox: Sandbox) -> list[str]:
    """Return every file of the sandbox's tree that git does not ignore, relative to its root."""
    # Through a file, since a command's output is capped and merged with its messages.
    listing = "/tmp/runoff/files"
    command = "git -c safe.directory='*' ls-files -z --cached --others --exclude-standard"
    result = sandbox.run(f"mkdir -p /tmp/runoff && {command} > {listing}")
    if result.exit_code != 0:
        raise SandboxError(f"The files of the tree cannot be listed: {result.text.strip()}")
    names = sandbox.read(listing).decode("utf-8", errors="surrogateescape").split("\0")
    return sorted({name for name in names if name})


def _command(spec: EnvironmentSpec, report: str) -> list[str]:
    plugins = bool(spec.dockerfile) or any(package.lower().startswith("pytest-") for package in spec.packages)
    variables = "" if plugins else "PYTEST_DISABLE_PLUGIN_AUTOLOAD=1"
    arguments = (*_PYTEST, f"--junitxml={report}", *spec.test_args, *spec.test_paths)
    return python_command(spec, *arguments, variables=variables)


def _ending(result: Result, timeout: float) -> str | None:
    if result.timed_out:
        return f"The test suite ran longer than {timeout:.0f} s."
    if result.killed is not None:
        return f"The test suite was ended by the harness: {result.killed}."
    return None
