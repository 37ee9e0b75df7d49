"""A run's files and grades, joined for the figures. Selection never sees what this returns."""

from __future__ import annotations

from agent.context import Context
from agent.trajectory.call_record import calls_of
from agent.trajectory.journal import read_journal
from agent.trajectory.trajectory import Trajectory
from agent.trajectory.transcript import transcript
from environments.task import Task
from selection.decision import Decision
from swebench_runs import splits
from swebench_runs.after_run.grade_book import Page, read_page
from swebench_runs.after_run.spent import spent_on
from swebench_runs.figures.metrics import GradedTask, TrajectorySummary
from swebench_runs.figures.metrics.machine import machine_use
from swebench_runs.grades.grading import Grade
from swebench_runs.many_tasks.singles import SingleCalls, read_singles
from swebench_runs.one_task import pool
from swebench_runs.one_task.pool import Pool
from swebench_runs.one_task.so_far import read_so_far
from swebench_runs.run_folder.store import Run
from swebench_runs.run_folder.task_folder import TaskFolder
from verifiers.ballot import Ballot, Entry

CHECKOUT = "fix"
"""The subset that the run of a checkout's own issue names."""
_NOTHING = Ballot(entries=(), candidates=(), tests=(), outcomes={})


def graded_tasks(run: Run, split: splits.Split | None = None) -> list[GradedTask]:
    """Return every task that the run was asked for, in its order; those not done or not graded are in it too."""
    if split is None and run.config.subset != CHECKOUT:
        split = splits.split_of(run)
    return [graded_task(run, name, split) for name in run.instances]


def graded_task(run: Run, name: str, split: splits.Split | None) -> GradedTask:
    """Return one task of a run; without a split it is somebody's own, which nothing grades."""
    folder, page = run.task(name), read_page(run, name)
    task = folder.read("task.json", Task)
    found, singles = folder.read(pool.FILE, Pool), read_singles(folder)
    ballot, decision = folder.read("ballot.json", Ballot), folder.read("decision.json", Decision)
    candidates = (*(ballot.candidates if ballot else ()), *(singles.candidates if singles else ()))
    grades = {one.id: grade for one in candidates if (grade := page.of(one.patch)) is not None}
    return GradedTask(
        instance_id=name,
        kind=split.kind(name) if split else "checkout",
        cluster=task.repo if task else name,
        statement=task.problem_statement if task else "",
        asked=run.config.editing,
        ballot=ballot or _NOTHING,
        resolved={name: grade.outcome == "resolved" for name, grade in grades.items() if _evaluated(grade)},
        verdicts={name: grade.reason or grade.incident for name, grade in grades.items()},
        decision=decision,
        **({} if decision else _unfinished(folder, page)),
        trajectories=_summaries(found, singles),
        spent=spent_on(folder),
        seconds=folder.working_seconds(),
        machine=machine_use(folder.events()),
        calls=calls_of([folder.calls_path]),
        context_hit=_context_hit(folder, split, name) if split else None,
        tests=found.tests if found else (),
        transcript=transcript(read_journal(folder.journal_path("runoff"))),
    )


def _evaluated(grade: Grade) -> bool:
    """Tell whether a grade is one: where the machine failed, nobody knows what the patch does."""
    return grade.outcome != "not_evaluated"


def _unfinished(folder: TaskFolder, page: Page) -> dict[str, str]:
    """Return what is known of a task without a decision: why, and the best patch so far with its grade."""
    best = read_so_far(folder)
    grade = page.of(best.patch) if best else None
    return {
        "failure": _failure(folder),
        "so_far": best.patch if best else "",
        "so_far_grade": grade.outcome.replace("_", " ") if grade else "",
    }


def _failure(folder: TaskFolder) -> str:
    """Return why a task has no decision: what its log names last, if anything."""
    reasons = [str(event.get("reason", "")) for event in folder.events() if event["event"] == "infrastructure_error"]
    return reasons[-1] if reasons else ""


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
