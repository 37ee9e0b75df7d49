"""Grades a run: every distinct patch of every task once, after the decisions."""

from __future__ import annotations

import os

from rich.console import Console

from environments.task import Task
from swebench_runs import splits
from swebench_runs.after_run.grade_book import Page, read_page, ungraded, write_page
from swebench_runs.grades.grading import patch_key
from swebench_runs.many_tasks.batch import BatchResult, run_batch
from swebench_runs.many_tasks.interrupting import stop_on_signals
from swebench_runs.many_tasks.live import watch
from swebench_runs.many_tasks.singles import read_singles
from swebench_runs.one_task.progress import Progress
from swebench_runs.run_folder.store import Run
from verifiers.ballot import Ballot


def grade_run(run: Run, console: Console, split: splits.Split | None = None) -> BatchResult:
    """Grade the candidates and single calls of a run's tasks that have no grade yet.

    Grades are saved patch by patch; Ctrl-C loses at most the one under way.
    """
    split = split or splits.split_of(run)
    tasks = {task.instance_id: task for task in split.tasks()}
    todo = [
        tasks[name] for name in run.instances if name in tasks and ungraded(read_page(run, name), patches(run, name))
    ]
    with stop_on_signals() as stop, watch(console, len(todo)) as shown:

        def work(task: Task) -> str:
            return _grade_task(run, split, task, shown)

        return run_batch(
            todo,
            work,
            at_once=max(1, min(len(todo), len(os.sched_getaffinity(0)))),
            progress=shown,
            stop=stop,
            on_failure=lambda task, reason, trace: run.task(task.instance_id).event(
                "grading_error", reason=reason, traceback=trace
            ),
        )


def patches(run: Run, instance_id: str) -> list[str]:
    """Return every patch of a task that a figure needs: its candidates', and its single calls'."""
    folder = run.task(instance_id)
    ballot, singles = folder.read("ballot.json", Ballot), read_singles(folder)
    candidates = (*(ballot.candidates if ballot else ()), *(singles.candidates if singles else ()))
    return list(dict.fromkeys(candidate.patch for candidate in candidates))


def _grade_task(run: Run, split: splits.Split, task: Task, shown: Progress) -> str:
    page = read_page(run, task.instance_id)
    waiting = ungraded(page, patches(run, task.instance_id))
    logs = run.grading / "logs" / task.instance_id
    timeout = run.config.suite_timeout if isinstance(split, splits.RecipeSplit) else run.config.grade_timeout
    with split.grader(task, run.id, timeout=timeout, logs=logs) as grade:
        for number, patch in enumerate(waiting, start=1):
            shown.stage(task.instance_id, f"grading {number} of {len(waiting)}")
            page = Page(grades={**page.grades, patch_key(patch): grade(patch)})
            write_page(run, task.instance_id, page)
    resolved = sum(grade.outcome == "resolved" for grade in page.grades.values())
    return f"{resolved} of {len(page.grades)} different patches resolve it"
