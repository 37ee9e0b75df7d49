"""Runs a test once under the tracer, in a sandbox that is its caller's to throw away."""

from __future__ import annotations

import re
from collections.abc import Sequence

from agent.context.traces.reading import Names, Read, one_trace, traces_of
from agent.context.traces.record import read_record
from agent.context.traces.trace import Trace
from agent.context.traces.traced_sandbox import TracedSandbox
from environments.sandboxes.contract import WORKTREE, Result, Sandbox
from environments.task import EnvironmentSpec
from environments.workbench.outcome import GeneratedTest, Outcome
from environments.workbench.scripts.script_runner import SCRIPT, python_command, run_script
from environments.workbench.suites.pytest_suite import set_aside
from environments.workbench.suites.suite_runner import run_suite
from environments.workbench.test_module import IN_TREE, run_module
from environments.workbench.tests_at_once import TURNS

MOST_SECONDS = 30.0
"""What tracing may take of a test's time, at most."""
LEAST_SECONDS = 1.0
SHARE = 4.0
"""Of the test's own time, after which it goes on without being traced: five times its time in all."""

_RAN = re.compile(r"\b\d+ (passed|failed|skipped|error)")
"""How pytest ends where it began at all."""
_PYTEST = (
    *("-m", "pytest", "-q", "--tb=no", "--no-header", f"--rootdir={WORKTREE}", "-p", "no:cacheprovider"),
    *("-p", "no:randomly", "-o", "addopts=", "-p", "runoff_trace"),
)


def trace_case(
    sandbox: Sandbox,
    test: GeneratedTest | str,
    spec: EnvironmentSpec,
    read: Read,
    *,
    timeout: float = 60.0,
    own_seconds: float | None = None,
) -> Trace:
    """Run one test under the tracer and return what it executed.

    Args:
        sandbox: a fork of the tree, for this alone: the test may change it.
        test: a generated test, or one of the repository's own as its runner calls it
            (``tests/test_x.py::Class::test_y``, a file, or a label of the repository's own runner).
        spec: what the repository needs to run.
        read: gives a file of the tree by its path; None where there is none.
        timeout: seconds that the test may take in all.
        own_seconds: what it takes without a tracer, where that is known: it bounds the tracing.
    """
    name = test if isinstance(test, str) else test.id
    traced = TracedSandbox(sandbox, tests=_files_of(test), seconds=_budget(own_seconds, timeout))
    outcome, seconds = _run(traced, test, spec, timeout)
    return one_trace(read_record(traced.record()), Names(read), name, outcome, seconds=seconds)


def trace_tests(
    sandbox: Sandbox,
    tests: Sequence[str],
    spec: EnvironmentSpec,
    read: Read,
    *,
    timeout: float = 60.0,
    seconds: float = MOST_SECONDS,
) -> list[Trace]:
    """Run some of the repository's tests under the tracer, by pytest, and return a trace for each that ran.

    ``tests``: files or ids. Nothing where pytest runs none of them; those that ran before the time was up count.
    """
    paths = [f"{WORKTREE}/{test.split('::')[0]}" for test in tests]
    traced = TracedSandbox(sandbox, tests=paths, seconds=min(seconds, timeout, MOST_SECONDS))
    result = _pytest(traced, tests, spec, timeout)
    return [one for one in traces_of(read_record(traced.record()), Names(read), seconds=result.seconds) if one.test]


def _files_of(test: GeneratedTest | str) -> list[str]:
    if isinstance(test, str):
        return [f"{WORKTREE}/{test.split('::')[0]}"]
    return [f"{WORKTREE}/{test.path.partition('::')[0]}" if test.kind in IN_TREE else SCRIPT]


def _budget(own: float | None, timeout: float) -> float:
    return min(MOST_SECONDS, timeout, MOST_SECONDS if own is None else max(LEAST_SECONDS, SHARE * own))


def _run(
    traced: TracedSandbox, test: GeneratedTest | str, spec: EnvironmentSpec, timeout: float
) -> tuple[Outcome, float]:
    if isinstance(test, GeneratedTest):
        runner = run_module if test.kind in IN_TREE else run_script
        run = runner(traced, test, spec, timeout=timeout)
        return run.outcome, run.seconds
    if spec.test_command:
        suite = run_suite(traced, spec.model_copy(update={"test_paths": (test,)}), timeout=timeout)
        return worst(list(suite.outcomes.values())), suite.seconds
    result = _pytest(traced, [test], spec, timeout)
    if result.timed_out:
        return Outcome.TIMEOUT, result.seconds
    return {0: Outcome.PASS, 1: Outcome.FAIL}.get(result.exit_code, Outcome.ERROR), result.seconds


def _pytest(traced: TracedSandbox, tests: Sequence[str], spec: EnvironmentSpec, timeout: float) -> Result:
    plugins = bool(spec.dockerfile) or any(package.lower().startswith("pytest-") for package in spec.packages)
    variables = "" if plugins else "PYTEST_DISABLE_PLUGIN_AUTOLOAD=1"
    with TURNS.turn():
        words = [*_PYTEST, *spec.test_args, *tests]
        result = traced.run(python_command(spec, *words, variables=variables), timeout=timeout)
        if result.exit_code and not _RAN.search(result.text) and (options := set_aside(result.text)):
            result = traced.run(python_command(spec, *words, *options, variables=variables), timeout=timeout)
        return result


def worst(outcomes: Sequence[Outcome]) -> Outcome:
    """Return what some cases did together: a fail where one failed."""
    order = (Outcome.FAIL, Outcome.ERROR, Outcome.TIMEOUT, Outcome.PASS)
    return next((one for one in order if one in outcomes), Outcome.MISSING)
