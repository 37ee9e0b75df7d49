"""Runs a repository's existing tests in a sandbox and reads their outcomes from junit XML.

Policy: the repository's own ``addopts`` are cleared, since they ask for coverage, parallel runs or an early stop;
what a suite does need is in ``EnvironmentSpec.test_args``. Installed plugins load only if the environment pins one
(a package named ``pytest-...``), and the random order plugin never does. No cache is written. Test ids are relative
to the tree's root wherever the repository keeps its configuration.
"""

from __future__ import annotations

import re
import secrets

from pydantic import BaseModel, ConfigDict

from environments.junit import ReportError, parse_junit
from environments.outcome import Outcome
from environments.sandbox import WORKTREE, Result, Sandbox, SandboxError
from environments.script_runner import python_command, shorten
from environments.task import EnvironmentSpec

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
    report = f"/tmp/runoff/{secrets.token_hex(16)}/report.xml"
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


def _command(spec: EnvironmentSpec, report: str) -> str:
    plugins = any(package.lower().startswith("pytest-") for package in spec.packages)
    variables = "" if plugins else "PYTEST_DISABLE_PLUGIN_AUTOLOAD=1"
    arguments = (*_PYTEST, f"--junitxml={report}", *spec.test_args, *spec.test_paths)
    return python_command(spec, *arguments, variables=variables)


def _ending(result: Result, timeout: float) -> str | None:
    if result.timed_out:
        return f"The test suite ran longer than {timeout:.0f} s."
    if result.killed is not None:
        return f"The test suite was ended by the harness: {result.killed}."
    return None
