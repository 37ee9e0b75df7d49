"""One task as the page shows it: its ballot as a table, its diff and tests in coloured lines."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from environments.workbench.outcome import Outcome
from selection.rules.clusters import clusters
from selection.rules.evidence import makers, mean_score, outcome
from selection.weighing import gate
from swebench_runs.figures.metrics import GradedTask
from swebench_runs.figures.report.model import TaskResult
from swebench_runs.figures.report.words import NOTHING
from verifiers.ballot import BASE, Ballot, Candidate

MARKS = {
    Outcome.PASS: "pass",
    Outcome.FAIL: "fail",
    Outcome.ERROR: "error",
    Outcome.TIMEOUT: "time",
    Outcome.MISSING: "not run",
    Outcome.FLAKY: "flaky",
}
SHOWN_CHARACTERS = 20_000
"""Of any one text; the whole of it is in the run's files."""
PAGE_CHARACTERS = 16_000_000
"""Of the details of all tasks together: a page of more opens slowly."""
LEAST = 6_000
"""Characters of details that every task may have, however many tasks there are."""


class Allowance:
    """How many characters of a task's details the page still takes: what is asked first is shown most fully."""

    def __init__(self, tasks: int) -> None:
        """Share the page among so many tasks."""
        self._left = max(LEAST, PAGE_CHARACTERS // max(tasks, 1))

    def clip(self, text: str) -> str:
        """Cut a text that would swell the page, and say so."""
        shown = text[: min(SHOWN_CHARACTERS, self._left)]
        self._left -= len(shown)
        if len(shown) == len(text):
            return text
        return f"{shown}\n[... {len(text) - len(shown):,} more characters in the run's files]"


@dataclass(frozen=True)
class CandidateColumn:
    """A candidate: the head of a column of the ballot."""

    label: str
    id: str
    chosen: bool
    grade: str
    verdict: str
    """What grading said of it."""
    trajectories: str
    cluster: str
    scores: Mapping[str, str]
    """By the judge's name."""
    regressions: str
    measured: bool
    """Existing tests were run on it."""
    regressed: tuple[str, ...]
    suspicious: tuple[str, ...]
    """What it adds that no repair needs."""


@dataclass(frozen=True)
class VoteRow:
    """A generated test: a row of the ballot."""

    id: str
    origin: str
    note: str
    """Why it has no say; empty where it shows the issue."""
    source: str
    outcomes: tuple[Outcome, ...]
    """On the base, then on each candidate."""


@dataclass(frozen=True)
class TaskView:
    """Everything that the page shows of a task."""

    result: TaskResult
    graded: bool
    """Every candidate has a grade."""
    statement: str
    judges: tuple[str, ...]
    """Those that were asked."""
    columns: tuple[CandidateColumn, ...]
    rows: tuple[VoteRow, ...]
    diff: tuple[tuple[str, str], ...]
    """Lines of the decision's patch with their class: added, removed, hunk, file or same."""
    transcript: tuple[tuple[str, str], ...]
    """Role and text of the run-off's messages."""
    endings: tuple[tuple[str, str, str], ...]
    """Trajectory, ending, and what it came to."""


def view(task: GradedTask, result: TaskResult, tasks: int = 1) -> TaskView:
    """Lay out one task of a page of so many."""
    room = Allowance(tasks)
    judges = tuple(dict.fromkeys(name for entry in task.ballot.entries for name in entry.scores))
    labels = {c.id: f"C{i}" for i, c in enumerate(task.ballot.candidates, 1)}
    return TaskView(
        result=result,
        graded=task.compared,
        diff=coloured(room.clip(task.decision.patch)) if task.decision else (),
        statement=room.clip(task.statement),
        judges=judges,
        columns=_columns(task, labels, judges),
        rows=_rows(task, room),
        transcript=tuple((message.role, room.clip(message.content)) for message in task.transcript),
        endings=tuple((t.id, t.ending.value, _came_to(t.candidate, t.patched, labels)) for t in task.trajectories),
    )


def _columns(task: GradedTask, labels: dict[str, str], judges: Sequence[str]) -> tuple[CandidateColumn, ...]:
    ballot = task.ballot
    chosen, made = task.decision.candidate if task.decision else None, makers(ballot)
    cluster = clusters(ballot)
    numbers = {name: f"{i}" for i, name in enumerate(dict.fromkeys(cluster.values()), 1)}
    return tuple(
        CandidateColumn(
            label=labels[candidate.id],
            id=candidate.id,
            chosen=candidate.id == chosen,
            grade=_grade(task, candidate.id),
            verdict=task.verdicts.get(candidate.id, ""),
            trajectories=", ".join(entry.id for entry in made.get(candidate.id, ())),
            cluster=numbers[cluster[candidate.id]],
            scores={judge: _score(ballot, candidate, judge) for judge in judges},
            regressions=_regressions(ballot, candidate),
            measured=gate(ballot, candidate.id) != "unmeasured",
            regressed=ballot.regressions.get(candidate.id, ()),
            suspicious=candidate.suspicious,
        )
        for candidate in ballot.candidates
    )


def coloured(patch: str) -> tuple[tuple[str, str], ...]:
    """Split a unified diff into lines with the class that each is shown in."""
    return tuple((_line_class(line), line) for line in patch.split("\n")) if patch else ()


def _line_class(line: str) -> str:
    for start, name in (("+++", "file"), ("---", "file"), ("diff ", "file"), ("@@", "hunk"), ("+", "added")):
        if line.startswith(start):
            return name
    return "removed" if line.startswith("-") else "same"


def _rows(task: GradedTask, room: Allowance) -> tuple[VoteRow, ...]:
    known = {test.id: test for test in task.tests}
    trees: Sequence[str] = (BASE, *(candidate.id for candidate in task.ballot.candidates))
    return tuple(
        VoteRow(
            id=test,
            origin=known[test].origin if test in known else "",
            note=_note(task.ballot, test),
            source=room.clip(known[test].source) if test in known else "",
            outcomes=tuple(outcome(task.ballot, test, tree) for tree in trees),
        )
        for test in task.ballot.tests
    )


def _score(ballot: Ballot, candidate: Candidate, judge: str) -> str:
    score = mean_score(makers(ballot).get(candidate.id, ()), judge)
    return NOTHING if score is None else f"{score:.2f}"


def _regressions(ballot: Ballot, candidate: Candidate) -> str:
    if gate(ballot, candidate.id) == "unmeasured":
        return "not run"
    return str(len(ballot.regressions[candidate.id]))


def _note(ballot: Ballot, test: str) -> str:
    if ballot.reproduces(test):
        return ""
    ran = outcome(ballot, test, BASE) is not Outcome.MISSING
    return "does not show the issue" if ran else "was not run on the base"


def _grade(task: GradedTask, candidate: str) -> str:
    grade = task.resolved.get(candidate)
    return "not graded" if grade is None else "right" if grade else "wrong"


def _came_to(candidate: str | None, patched: bool, labels: dict[str, str]) -> str:
    if candidate is not None:
        return labels.get(candidate, "a patch outside the ballot")
    return "a patch that does not apply" if patched else "no patch"
