"""Traces tests by a repository's own runner: a part of the record begins where a test function of theirs is entered.

How each ended the runner's log says, by the test's name.
"""

from __future__ import annotations

import re
import time
from collections.abc import Mapping, Sequence

from agent.context.traces.reading import Names, Read, traces_of
from agent.context.traces.record import read_record
from agent.context.traces.trace import Trace
from agent.context.traces.traced_sandbox import TracedSandbox
from agent.context.traces.tracing import MOST_SECONDS, worst
from environments.sandboxes.contract import WORKTREE, Sandbox
from environments.task import EnvironmentSpec
from environments.workbench.outcome import Outcome
from environments.workbench.suites.suite_runner import run_suite


def trace_by_own_runner(
    sandbox: Sandbox, paths: Sequence[str], spec: EnvironmentSpec, read: Read, *, timeout: float
) -> list[Trace]:
    """Run test files one by one under the tracer, as many as the time allows; return a trace for each test that ran.

    ``sandbox``: a fork of the tree, for this alone. A trace's test is called ``file::function``.
    """
    found: list[Trace] = []
    until = time.monotonic() + timeout
    for path in paths:
        left = until - time.monotonic()
        if left < 1:
            break
        traced = TracedSandbox(sandbox, tests=[f"{WORKTREE}/{path}"], seconds=min(left, MOST_SECONDS), parts=True)
        run = run_suite(traced, spec.model_copy(update={"test_paths": (path,)}), timeout=left)
        for one in traces_of(read_record(traced.record()), Names(read), seconds=run.seconds):
            if one.test:
                told = {"test": f"{path}::{one.test}", "outcome": _outcome(one.test, run.outcomes)}
                found.append(one.model_copy(update=told))
    return found


def _outcome(name: str, outcomes: Mapping[str, Outcome]) -> Outcome:
    """Return the worst that the log tells of tests of a name: classes may share one."""
    word = re.compile(rf"(?<!\w){re.escape(name)}(?!\w)")
    return worst([outcome for test, outcome in outcomes.items() if word.search(test)])
