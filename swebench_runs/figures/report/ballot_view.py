"""One task as the page shows it: its ballot as a table, its diff and tests in coloured lines."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from environments.workbench.outcome import Outcome
from selection.rules.evidence import cluster_of, makers, mean_score, outcome
from swebench_runs.figures.metrics import GradedTask
from swebench_runs.figures.report.model import TaskResult
from swebench_runs.figures.report.words import NOTHING
from verifiers.ballot import BASE, Ballot, Candidate

MARKS = {
    Outcome.PASS: "pass",
    Outcome.FAIL: "fail",
    Outcome.ERROR: "error",
    Outcome.TIMEOUT: "time",
    Outcome.MISSING: NOTHING,
    Outcome.FLAKY: "flaky",
}
SHOWN_CHARACTERS = 20_000
"""Of any one text; the whole of it is in the run's files."""


@dataclass(frozen=True)
class CandidateColumn:
    """A candidate: the head of a column of the ballot."""

    label: str
    id: str
    chosen: bool
    right: bool
    trajectories: str
    cluster: str
    scores: Mapping[str, str]
    """By the judge's name."""
    regressions: str
    regressed: tuple[str, ...]


@dataclass(frozen=True)
class VoteRow:
    """A generated test: a row of the ballot."""

    id: str
    origin: str
    reproduces: bool
    source: str
    outcomes: tuple[Outcome, ...]
    """On the base, then on each candidate."""


@dataclass(frozen=True)
class TaskView:
    """Everything that the page shows of a task."""

    result: TaskResult
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


def view(task: GradedTask, result: TaskResult) -> TaskView:
    """Lay out one task."""
    chosen = task.decision.candidate if task.decision else None
    made = makers(task.ballot)
    judges = tuple(dict.fromkeys(name for entry in task.ballot.entries for name in entry.scores))
    labels = {c.id: f"C{i}" for i, c in enumerate(task.ballot.candidates, 1)}
    clusters = {name: f"{i}" for i, name in enumerate(dict.fromkeys(map(cluster_of, task.ballot.candidates)), 1)}
    return TaskView(
        result=result,
        statement=clip(task.statement),
        judges=judges,
        columns=tuple(
            CandidateColumn(
                label=labels[candidate.id],
                id=candidate.id,
                chosen=candidate.id == chosen,
                right=task.right(candidate.id),
                trajectories=", ".join(entry.id for entry in made.get(candidate.id, ())),
                cluster=clusters[cluster_of(candidate)],
                scores={judge: _score(task.ballot, candidate, judge) for judge in judges},
                regressions=_regressions(task.ballot, candidate),
                regressed=task.ballot.regressions.get(candidate.id, ()),
            )
            for candidate in task.ballot.candidates
        ),
        rows=_rows(task),
        diff=coloured(clip(task.decision.patch)) if task.decision else (),
        transcript=tuple((message.role, clip(message.content)) for message in task.transcript),
        endings=tuple((t.id, t.ending.value, _came_to(t.candidate, t.patched, labels)) for t in task.trajectories),
    )


def clip(text: str) -> str:
    """Cut a text that would swell the page, and say so."""
    if len(text) <= SHOWN_CHARACTERS:
        return text
    return f"{text[:SHOWN_CHARACTERS]}\n[... {len(text) - SHOWN_CHARACTERS:,} more characters in the run's files]"


def coloured(patch: str) -> tuple[tuple[str, str], ...]:
    """Split a unified diff into lines with the class that each is shown in."""
    return tuple((_line_class(line), line) for line in patch.split("\n")) if patch else ()


def _line_class(line: str) -> str:
    for start, name in (("+++", "file"), ("---", "file"), ("diff ", "file"), ("@@", "hunk"), ("+", "added")):
        if line.startswith(start):
            return name
    return "removed" if line.startswith("-") else "same"


def _rows(task: GradedTask) -> tuple[VoteRow, ...]:
    known = {test.id: test for test in task.tests}
    trees: Sequence[str] = (BASE, *(candidate.id for candidate in task.ballot.candidates))
    return tuple(
        VoteRow(
            id=test,
            origin=known[test].origin if test in known else "",
            reproduces=task.ballot.reproduces(test),
            source=clip(known[test].source) if test in known else "",
            outcomes=tuple(outcome(task.ballot, test, tree) for tree in trees),
        )
        for test in task.ballot.tests
    )


def _score(ballot: Ballot, candidate: Candidate, judge: str) -> str:
    score = mean_score(makers(ballot).get(candidate.id, ()), judge)
    return NOTHING if score is None else f"{score:.2f}"


def _regressions(ballot: Ballot, candidate: Candidate) -> str:
    broken = ballot.regressions.get(candidate.id)
    return "not run" if broken is None else str(len(broken))


def _came_to(candidate: str | None, patched: bool, labels: dict[str, str]) -> str:
    if candidate is not None:
        return labels.get(candidate, "a patch outside the ballot")
    return "a patch that does not apply" if patched else "no patch"
