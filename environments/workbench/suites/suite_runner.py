"""Runs a repository's existing tests in a sandbox and reads their outcomes: by pytest, or from its own runner's log.

A repository with a runner of its own (``EnvironmentSpec.test_command``) is asked for named tests only, since its whole
suite may take hours, and its log is read by ``test_logs``; its test ids are what that reader calls them.
"""

from __future__ import annotations

import re
import shlex
import time
from collections.abc import Container, Sequence
from pathlib import PurePosixPath

from environments.sandboxes.contract import Result, Sandbox, SandboxError
from environments.task import EnvironmentSpec
from environments.workbench.outcome import Outcome
from environments.workbench.scripts.script_runner import shorten
from environments.workbench.suites.junit import MAX_FAILURE, MAX_FAILURES
from environments.workbench.suites.pytest_attempt import USAGE, folder_of_broken_conftest
from environments.workbench.suites.pytest_suite import run_pytest
from environments.workbench.suites.suite_run import SuiteRun, SuiteState
from environments.workbench.test_logs import Status, reader
from environments.workbench.tests_at_once import TURNS

MAX_FILES = 300_000
"""Of a tree that are listed; the largest repositories of the benchmarks have some 30,000."""
_SECTION = re.compile(r"^={60,}\n(?:FAIL|ERROR): (.+)\n-{60,}\n", re.MULTILINE)

_OUTCOMES = {
    Status.PASSED: Outcome.PASS,
    Status.XFAIL: Outcome.PASS,
    Status.FAILED: Outcome.FAIL,
    Status.ERROR: Outcome.ERROR,
    Status.SKIPPED: Outcome.MISSING,
}


def run_suite(sandbox: Sandbox, spec: EnvironmentSpec, *, timeout: float) -> SuiteRun:
    """Run the tests that ``spec`` names on the sandbox's tree, which they may change."""
    if spec.test_command:
        return _by_halves(sandbox, spec, timeout)
    return run_pytest(sandbox, spec, tree_files(sandbox), timeout=timeout)


def _by_halves(sandbox: Sandbox, spec: EnvironmentSpec, timeout: float) -> SuiteRun:
    """Run named files together; where the runner stops before any test, in halves: what stops it is left out, named.

    Django's runner runs nothing at all where one of the files needs another database.
    """
    whole = _run_own_runner(sandbox, spec, timeout)
    paths, left = spec.test_paths, timeout - whole.seconds
    if whole.state is not SuiteState.CRASHED or whole.outcomes or len(paths) < 2:
        return whole
    parts: list[SuiteRun] = []
    left_out: dict[str, str] = {}
    for half in (paths[: len(paths) // 2], paths[len(paths) // 2 :]):
        if left < 1:
            return whole
        part = _by_halves(sandbox, spec.model_copy(update={"test_paths": half}), left)
        left -= part.seconds
        parts.append(part)
        left_out |= part.left_out if part.outcomes else dict.fromkeys(half, _last_line(part))
    if not any(part.outcomes for part in parts):
        return whole
    cut = any(part.state is SuiteState.TIMED_OUT for part in parts)
    return SuiteRun(
        outcomes={test: outcome for part in parts for test, outcome in part.outcomes.items()},
        problem=next((part.problem for part in parts if part.state is SuiteState.TIMED_OUT), None),
        exit_code=max(part.exit_code for part in parts),
        output=shorten("\n".join(part.output for part in parts)),
        seconds=timeout - left,
        state=SuiteState.TIMED_OUT if cut else SuiteState.RAN,
        left_out=left_out,
        failures={test: text for part in parts for test, text in part.failures.items()},
    )


def _last_line(run: SuiteRun) -> str:
    lines = [line.strip() for line in run.output.splitlines() if line.strip()]
    return (lines[-1] if lines else str(run.problem))[:300]


def _run_own_runner(sandbox: Sandbox, spec: EnvironmentSpec, timeout: float) -> SuiteRun:
    if not spec.test_paths:
        why = "No existing test was chosen to be run, and the whole suite is too much."
        return SuiteRun(outcomes={}, problem=why, exit_code=0, output="", seconds=0.0, state=SuiteState.NOT_RUN)
    read = reader(spec.log_parser)
    dotted = spec.log_parser == "django"
    paths, left_out, began = list(spec.test_paths), dict[str, str](), time.monotonic()
    while True:
        names = [_module(path) if dotted else path for path in paths]
        command = " ".join([spec.test_command, *map(shlex.quote, (*spec.test_args, *names))])
        with TURNS.turn():
            result = sandbox.run(command, timeout=max(1.0, timeout - (time.monotonic() - began)))
        broken = _below_a_broken_conftest(paths, result.text) if result.exit_code == USAGE else {}
        if not broken or len(broken) == len(paths):
            break
        left_out |= broken
        paths = [path for path in paths if path not in broken]
    problem = _ending(result, timeout)
    told = problem is None or result.timed_out  # what had ended before the time was up counts
    statuses = read(result.text.replace("\r\n", "\n").replace("\r", "\n")) if told else {}
    if problem is None and not statuses:
        problem = f"The tests ended with exit code {result.exit_code} and told of no test."
    state = SuiteState.TIMED_OUT if result.timed_out else SuiteState.CRASHED if problem else SuiteState.RAN
    return SuiteRun(
        outcomes={test: _OUTCOMES[status] for test, status in statuses.items()},
        problem=problem,
        exit_code=result.exit_code,
        output=shorten(result.text),
        seconds=result.seconds,
        state=state,
        left_out=left_out,
        failures=_failures(result.text, statuses),
    )


def _below_a_broken_conftest(paths: Sequence[str], output: str) -> dict[str, str]:
    """Return the paths whose conftest cannot be loaded, and why: pytest then runs none of the others either."""
    folder = folder_of_broken_conftest(output)
    below = [path for path in paths if folder is not None and PurePosixPath(path).is_relative_to(folder)]
    return dict.fromkeys(below, f"the conftest of {folder} cannot be loaded")


def _failures(log: str, known: Container[str]) -> dict[str, str]:
    """Return what tests that failed printed, where the log has a section of unittest's kind for them."""
    parts = _SECTION.split(log.replace("\r\n", "\n"))
    found = {test: shorten(text.strip(), MAX_FAILURE) for test, text in zip(parts[1::2], parts[2::2], strict=True)}
    return dict([(test, text) for test, text in found.items() if test in known][:MAX_FAILURES])


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
    content = sandbox.read(listing)
    if content.count(b"\0") > MAX_FILES:
        raise SandboxError(f"The tree holds more than {MAX_FILES:,} files: some command has made them.")
    names = content.decode("utf-8", errors="surrogateescape").split("\0")
    return sorted({name for name in names if name})


def _ending(result: Result, timeout: float) -> str | None:
    if result.timed_out:
        return f"The test suite ran longer than {timeout:.0f} s."
    if result.killed is not None:
        return f"The test suite was ended by the harness: {result.killed}."
    return None
