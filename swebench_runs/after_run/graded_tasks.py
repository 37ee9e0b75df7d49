"""A run's files and grades, joined for the figures. Selection never sees what this returns."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from agent.context import Context
from agent.models.contract import Message
from agent.trajectory.journal import read_journal, said
from agent.trajectory.trajectory import Trajectory
from environments.task import Task
from selection.decision import Decision
from swebench_runs import splits
from swebench_runs.after_run.grade_book import Page, read_page
from swebench_runs.figures.metrics import GradedTask, TrajectorySummary
from swebench_runs.many_tasks.singles import SingleCalls, read_singles
from swebench_runs.one_task import pool
from swebench_runs.one_task.pool import Pool
from swebench_runs.run_folder.store import Run, TaskFolder
from verifiers.ballot import Ballot, Candidate, Entry

_NOTHING = Ballot(entries=(), candidates=(), tests=(), outcomes={})


def graded_tasks(run: Run, split: splits.Split | None = None) -> list[GradedTask]:
    """Return every task that the run was asked for, in its order; those not done or not graded are in it too."""
    split = split or splits.split_of(run)
    return [_graded(run, split, name) for name in run.instances]


def _graded(run: Run, split: splits.Split, name: str) -> GradedTask:
    folder, page = run.task(name), read_page(run, name)
    task = folder.read("task.json", Task)
    found, singles = folder.read(pool.FILE, Pool), read_singles(folder)
    ballot, decision = folder.read("ballot.json", Ballot), folder.read("decision.json", Decision)
    candidates = (*(ballot.candidates if ballot else ()), *(singles.candidates if singles else ()))
    return GradedTask(
        instance_id=name,
        kind=split.kind(name),
        cluster=task.repo if task else name,
        statement=task.problem_statement if task else "",
        asked=run.config.trajectories,
        evaluated=decision is not None and all(_grade(page, c) is not None for c in candidates),
        ballot=ballot or _NOTHING,
        resolved={c.id: grade == "resolved" for c in candidates if (grade := _grade(page, c)) is not None},
        decision=decision,
        trajectories=_summaries(found, singles),
        seconds=folder.working_seconds(),
        context_hit=_context_hit(folder, split, name),
        tests=found.tests if found else (),
        transcript=transcript(read_journal(folder.journal_path("runoff"))),
    )


def _grade(page: Page, candidate: Candidate) -> str | None:
    """Return the outcome of grading a candidate; None where the machine failed, or it was not graded yet."""
    grade = page.of(candidate.patch)
    return None if grade is None or grade.outcome == "not_evaluated" else grade.outcome


def _summaries(found: Pool | None, singles: SingleCalls | None) -> tuple[TrajectorySummary, ...]:
    groups: list[tuple[tuple[Trajectory, ...], tuple[Entry, ...]]] = []
    if found:
        groups.append((found.trajectories, found.entries))
    if singles:
        groups.append((singles.trajectories, singles.entries))
    return tuple(
        TrajectorySummary.of(trajectory, {entry.id: entry.candidate for entry in entries}.get(trajectory.id))
        for trajectories, entries in groups
        for trajectory in trajectories
    )


def _context_hit(folder: TaskFolder, split: splits.Split, name: str) -> bool | None:
    """Tell whether the context showed the symbol that holds the bug, or one around it; None where nobody can tell."""
    context, fault = folder.read("context.json", Context), split.fault(name)
    if context is None or fault is None:
        return None
    file, symbol = fault
    around = {symbol, *(symbol[:i] for i, c in enumerate(symbol) if c == ".")}
    return any(shown.path == file and shown.name.partition("#")[0] in around for shown in context.symbols)


def transcript(lines: Iterable[Mapping[str, Any]]) -> tuple[Message, ...]:
    """Return a trajectory's conversation from its record, the last answer included."""
    told: list[Message] = []
    answer = None
    for line in lines:
        if line.get("kind") == "model":
            request = line["request"]
            told[request["messages_kept"] :] = map(Message.model_validate, request["messages"])
            answer = Message(role="assistant", content=said(line))
    return (*told, answer) if answer else ()
