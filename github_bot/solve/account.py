"""What came of a run, as evidence, spending, and the kind of its end."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from agent.models.contract import ModelError
from agent.trajectory.trajectory import Ending
from environments.sandboxes.contract import SandboxError
from environments.text import amount, one_line
from environments.workbench.outcome import GeneratedTest
from github_bot.artifact import Evidence, Spending
from github_bot.errors import NotConfigured
from github_bot.wording.comments import Failure
from selection.weighing import Evidence as Weighed
from swebench_runs.checkouts.fixing import Fix
from swebench_runs.errors import UsageError
from swebench_runs.figures.metrics import GradedTask
from swebench_runs.figures.metrics.spending import of_run
from swebench_runs.figures.report.story import tell
from swebench_runs.one_task.ground.preflight import BadGround, NothingFails

_ENDINGS: dict[Ending, Failure] = {
    Ending.COST_LIMIT: "budget",
    Ending.TOKEN_LIMIT: "budget",
    Ending.TIME_LIMIT: "time",
    Ending.MODEL_ERROR: "model",
    Ending.SANDBOX_ERROR: "infrastructure",
}
_SHOWN, _MOST = 300, 500
"""Characters of a line, and of one whose odd characters are written out."""


def evidence_of(task: GradedTask, fixed: Fix) -> Evidence:
    """Return what a decision rests on."""
    told = dict(tell(task).lines)
    found = task.decision.evidence if task.decision else None
    if found is None:
        return Evidence(tried=_line(told.get("Tried", "")), reason=_line(task.decision.reason if task.decision else ""))
    shown, passed = len(found.passed) + len(found.failed), len(found.passed)
    names = ", ".join(_named(test) for test in task.tests if test.id in found.passed)
    gates = {
        "clean": f"{amount(len(task.ballot.regression_tests), 'test')} passed before, and none is broken",
        "broken": f"break: {', '.join(found.regressions)}",
        "unmeasured": "not run",
    }
    return Evidence(
        reproduction_before=_line(f"fails: {names}" if names else "no test reproduces the issue"),
        reproduction_after=_line(f"{passed} of {amount(shown, 'test passes', 'tests pass')}" if shown else ""),
        regression=_line(gates[found.gate]),
        votes=_line(votes_of(found, len(task.of_kind("edit")))),
        reason=_line(task.decision.reason if task.decision else ""),
        tried=_line(told.get("Tried", "")),
        not_checked=tuple(map(_line, _not_checked(task, fixed))),
    )


def votes_of(found: Weighed, attempts: int) -> str:
    """Say how many attempts came to what a patch does, and how often it was made; one attempt may make many samples."""
    times = "once" if found.trajectories == 1 else f"{found.trajectories} times"
    return (
        f"{found.agreeing} of {amount(attempts, 'attempt')} came to a patch that does the same; this one came {times}"
    )


def _not_checked(task: GradedTask, fixed: Fix) -> list[str]:
    found = task.decision.evidence if task.decision else None
    notes = []
    if found is None or found.gate == "unmeasured":
        notes.append("whether the existing tests still pass: none could be run")
    if found is None or not found.passed:
        notes.append("whether the issue is gone: no test shows it")
    if fixed.test and not fixed.test.patch:
        notes.append(f"a test of the suite: {fixed.test.said}")
    return [*notes, "anything that needs a network, another platform or another version of Python"]


def spending_of(task: GradedTask) -> Spending:
    """Return what a run took."""
    spent = of_run(task.spent)
    return Spending(
        cost=spent.cost,
        tokens=spent.tokens,
        seconds=task.seconds or spent.wall_seconds,
        trajectories=len(task.of_kind("edit")) + len(task.of_kind("test")),
    )


def failure_of(task: GradedTask) -> Failure | None:
    """Return why a run without a patch has none, where that says nothing about the issue; None where it does."""
    if task.decision and task.decision.candidate is not None:
        return None
    endings = Counter(edit.ending for edit in task.of_kind("edit"))
    most = next((ending for ending, _ in endings.most_common()), None)
    return _ENDINGS.get(most) if most else None


def failure_by(error: Exception) -> Failure:
    """Return what kind of end an error is that came out of the work."""
    if isinstance(error, ModelError):
        return "model"
    if isinstance(error, NothingFails):
        return "already"
    if isinstance(error, BadGround):
        return "environment"
    if isinstance(error, SandboxError):
        return "infrastructure"
    if isinstance(error, NotConfigured):
        return "configuration"
    if "budget" in str(error):
        return "budget"
    return "configuration" if isinstance(error, UsageError) else "infrastructure"


def shown_by(tests: Sequence[GeneratedTest]) -> str:
    """Return the source of the first test that reproduces the issue; empty without one."""
    return next((test.source for test in tests if test.source), "")


def _named(test: GeneratedTest) -> str:
    who, _, number = test.origin.partition(":")
    return test.path or ("an example of the issue" if who == "issue" else f"a test by {who}-{number or 0}")


def _line(text: str) -> str:
    return one_line(text, _SHOWN)[:_MOST]
