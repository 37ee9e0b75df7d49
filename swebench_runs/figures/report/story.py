"""A task's story in four lines: what came out, what was tried, where it was lost, and what it took."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable

from pydantic import BaseModel, ConfigDict

from agent.patch import PatchError, sections
from agent.trajectory.trajectory import Ending
from environments.text import amount
from selection.weighing import Gate, gate
from swebench_runs.figures.metrics import GradedTask, TaskState
from swebench_runs.figures.metrics.losses import FAILURES, LIMITS, Loss, loss
from swebench_runs.figures.metrics.spending import of_run
from swebench_runs.figures.report.words import count, duration, machine, money, useless

GATES: dict[Gate, str] = {"clean": "clean on", "broken": "broken by", "unmeasured": "not run on"}


class Story(BaseModel):
    """What a reader wants to know of a task before any figure; each line is one sentence or empty."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    answer: str
    """The patch and why it was chosen, or why there is none."""
    tried: str
    lost: str
    """Where a right patch was lost; empty where none was, or where nobody can know."""
    grade: str = ""
    """What is to be said where nobody knows whether the patch is right."""
    cost: str

    @property
    def lines(self) -> tuple[tuple[str, str], ...]:
        """Return the lines that say something, each with its heading."""
        told = (
            ("Answer", self.answer),
            ("Tried", self.tried),
            ("Lost", self.lost),
            ("Grade", self.grade),
            ("Took", self.cost),
        )
        return tuple((heading, text) for heading, text in told if text)


def tell(task: GradedTask) -> Story:
    """Tell one task."""
    stage = loss(task)
    grade = _not_graded(task) if stage is Loss.NOT_GRADED else ""
    return Story(answer=_answer(task), tried=_tried(task), lost=_LOST[stage](task), grade=grade, cost=_cost(task))


def _answer(task: GradedTask) -> str:
    decision = task.decision
    if decision is None:
        why = f"no decision: {task.failure or 'the work was stopped before it; the same command resumes'}"
        return f"{why}. {_so_far(task)}" if task.so_far else why
    if decision.candidate is None:
        return f"no patch: {decision.reason}"
    if decision.abstained:
        return f"{_patch(decision.patch)}, but Runoff would not stand by it: {decision.reason}"
    return f"{_patch(decision.patch)}, confidence {decision.confidence}: {decision.reason}"


def _so_far(task: GradedTask) -> str:
    graded = f"; graded {task.so_far_grade}" if task.so_far_grade else ""
    if task.right_so_far:
        graded = ", yet grading finds it right"
    return f"The best so far, {_patch(task.so_far)}, is handed in: no vote stands behind it{graded}"


def _patch(patch: str) -> str:
    try:
        files = {part.path for part in sections(patch)}
    except PatchError as error:
        return f"a patch that cannot be read ({error})"
    changed = [line for line in patch.split("\n") if line.startswith(("+", "-"))]
    lines = sum(not line.startswith(("+++ ", "--- ")) for line in changed)
    where = next(iter(files)) if len(files) == 1 else amount(len(files), "file")
    return f"a patch of {amount(lines, 'line')} in {where}"


def _tried(task: GradedTask) -> str:
    return "; ".join(filter(None, (_tests(task), _edits(task), _gates(task), _suspicious(task), _runoff(task))))


def _tests(task: GradedTask) -> str:
    ballot = task.ballot
    if not ballot.tests:
        written = task.of_kind("test")
        return f"{amount(len(written), 'attempt')} at a test, none usable" if written else ""
    reproducing = sum(map(ballot.reproduces, ballot.tests))
    return f"{amount(len(ballot.tests), 'test')}, {reproducing or 'none'} of which {_shows(reproducing)} the issue"


def _shows(number: int) -> str:
    return "show" if number > 1 else "shows"


def _edits(task: GradedTask) -> str:
    edits = task.of_kind("edit")
    if not edits:
        return ""
    different = len({edit.candidate for edit in edits if edit.candidate is not None})
    applied = sum(edit.candidate is not None for edit in edits)
    endings = Counter(edit.ending.value for edit in edits if edit.ending is not Ending.SUBMITTED)
    ended = f" ({', '.join(f'{number} ended by {word}' for word, number in endings.most_common())})" if endings else ""
    patches = amount(applied, "patch that applies", "patches that apply")
    made = f"{patches}, {different} different" if applied > 1 else patches if applied else "no patch that applies"
    return f"{_editors(len(edits))}{ended}: {made}"


def _gates(task: GradedTask) -> str:
    found = Counter(gate(task.ballot, candidate.id) for candidate in task.ballot.candidates)
    told = [f"{words} {found[name]}" for name, words in GATES.items() if found[name]]
    candidates = amount(len(task.ballot.candidates), "candidate")
    return f"existing tests {', '.join(told)} of {candidates}" if told else ""


def _suspicious(task: GradedTask) -> str:
    number = sum(bool(candidate.suspicious) for candidate in task.ballot.candidates)
    return f"{number} of them suspicious" if number else ""


def _runoff(task: GradedTask) -> str:
    verdict = task.decision.runoff if task.decision else None
    return f"run-off: {verdict.reason}" if verdict else ""


def _cost(task: GradedTask) -> str:
    spent = of_run(task.spent)
    seconds = task.seconds or spent.wall_seconds
    if not spent.calls:
        return f"no model call, {duration(seconds)}"
    price = "price unknown" if spent.cost is None else money(spent.cost)
    told = [amount(spent.calls, "call"), f"{count(spent.tokens)} tokens", price, duration(seconds)]
    lost = useless(spent.answers)
    used = machine(task.machine)
    return ", ".join(told) + (f"; of them no use as they came: {lost}" if lost else "") + (f"; {used}" if used else "")


def _verdict(task: GradedTask) -> str:
    said = task.verdicts.get(task.decision.candidate or "", "") if task.decision else ""
    return f": {said}" if said else ""


def _not_graded(task: GradedTask) -> str:
    if task.kind == "checkout":
        return ""
    return f"not graded{_verdict(task)}" if _verdict(task) else "not graded yet: `runoff grade RUN` does it"


def _ended(task: GradedTask, words: frozenset[Ending]) -> str:
    edits = task.of_kind("edit")
    found = Counter(edit.ending.value for edit in edits if edit.ending in words)
    return f"{found.total()} of {_editors(len(edits))} ended by {', '.join(found)}"


def _editors(number: int) -> str:
    return amount(number, "editing trajectory", "editing trajectories")


_LOST: dict[Loss, Callable[[GradedTask], str]] = {
    Loss.RESOLVED: lambda task: "",
    Loss.UNDECIDED: lambda task: "",
    Loss.NOT_GRADED: lambda task: "",
    Loss.LIMITS: lambda task: f"to limits: {_ended(task, LIMITS)} without a patch that applies",
    Loss.MODEL: lambda task: f"the model or the sandbox failed: {_ended(task, FAILURES)}",
    Loss.CONTEXT: lambda task: (
        "at the context: what the model was shown, and could not add to, does not hold the place of the bug"
    ),
    Loss.NO_VALID_TEST: lambda task: (
        f"at the tests: none shows the issue, so nothing led to a right patch{_verdict(task)}"
    ),
    Loss.NO_PATCH: lambda task: "at the edits: none ended with a patch that applies",
    Loss.WRONG_FIX: lambda task: f"at the edits: every patch is wrong{_verdict(task)}",
    Loss.WRONG_CHOICE: lambda task: (
        f"at choosing: {task.successes} of {_editors(task.attempts)} came to a right patch, another was chosen"
        f"{_verdict(task)}"
    ),
    Loss.WRONG_PATCH: lambda task: (
        f"the patch is wrong{_verdict(task)}; whether another was right is not graded (`runoff grade --all RUN`)"
    ),
}

HEADLINES = (TaskState.RESOLVED, TaskState.UNRESOLVED, TaskState.NOT_GRADED, TaskState.UNDECIDED)


def headline(tasks: dict[TaskState, int], right_so_far: int = 0) -> str:
    """Say how many tasks of a run stand how: `1 of 4 tasks resolved, 2 unresolved, 1 not graded`.

    ``right_so_far``: undecided ones whose best patch so far grading finds right; it is handed in.
    """
    every = sum(tasks.values())
    rest = [f"{tasks[state]} {state.value}" for state in HEADLINES[1:] if tasks.get(state)]
    so_far = f" ({right_so_far} of them with a best patch so far that grading finds right)" if right_so_far else ""
    return ", ".join([f"{tasks.get(TaskState.RESOLVED, 0)} of {amount(every, 'task')} resolved", *rest]) + so_far
