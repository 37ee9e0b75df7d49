"""The failing tests of one call of ``runoff fix``: looked at by an earlier sitting, or now."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from rich.console import Console

from environments.task import Task
from environments.text import one_line
from environments.workbench.outcome import Execution, Outcome
from swebench_runs.checkouts.checkout_base import checkout_sandbox
from swebench_runs.checkouts.failing_tests.as_issue import statement_of
from swebench_runs.checkouts.failing_tests.looking import look_at
from swebench_runs.config import RunConfig
from swebench_runs.one_task import given_tests
from swebench_runs.one_task.given_tests import GivenTests
from swebench_runs.run_folder.versioned import read_json


@dataclass(frozen=True)
class Given:
    """Tests that were seen failing on the checkout as it is."""

    tests: GivenTests
    runs: Mapping[str, Sequence[Execution]] = field(default_factory=dict)
    """Test id -> its runs of this sitting: nothing of the task need run them again."""


def seen_failing(
    task: Task, ids: Sequence[str], home: Path, config: RunConfig, layer: Path, console: Console, *, redo: bool
) -> Given:
    """Return the tests as they were seen, by an earlier sitting or now. UsageError for one that does not fail.

    An earlier sitting's word stands: what a test prints may differ from run to run, and the issue must not.
    ``layer``: holds the task's tree; ``home``: the run's folder.
    """
    known = None if redo else read_json(home / "tasks" / task.instance_id / given_tests.FILE, GivenTests)
    if known is not None:
        return Given(known)
    with checkout_sandbox(config, task.environment, layer, run_id="fix") as base:
        looked = look_at(ids, base, task.environment, seconds=config.script_timeout)
    for test, run, _ in looked:
        failed = sum(outcome is Outcome.FAIL for _, outcome in run.cases)
        told = f"failing test: {test.path} fails ({failed} of {len(run.cases)} cases)"
        console.print(one_line(told), markup=False, highlight=False, soft_wrap=True)
    issue = task.problem_statement
    tests = GivenTests(tests=tuple(one.test for one in looked), issue=issue, statement=statement_of(issue, looked))
    return Given(tests, {one.test.id: (one.run, one.again) for one in looked})
