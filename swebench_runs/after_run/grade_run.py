"""Grades patches by the hidden tests: what a run chose, all that it made, or anyone's; each different one once."""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Mapping, Sequence

from rich.console import Console

from environments.task import Task
from swebench_runs import splits
from swebench_runs.after_run.grade_book import Graded, Page, read_page, ungraded, write_page
from swebench_runs.grades.patch_key import patch_key
from swebench_runs.many_tasks.batch.batch import BatchResult, run_batch
from swebench_runs.many_tasks.batch.interrupting import stop_on_signals
from swebench_runs.many_tasks.live_view.live import watch
from swebench_runs.many_tasks.singles import read_singles
from swebench_runs.one_task.progress import Progress
from swebench_runs.run_folder.store import Run
from verifiers.ballot import Ballot


def grade_run(
    run: Run, console: Console, split: splits.Split | None = None, *, everything: bool = False
) -> BatchResult:
    """Grade what a run hands in (preds.json) as far as it has no grade yet.

    ``everything``: all candidates and single calls too, which the figures that compare rules need.
    """
    split = split or splits.split_of(run)
    wanted = {name: patches(run, name) if everything else [] for name in run.instances}
    for name, entry in json.loads(run.write_predictions().read_bytes()).items():
        wanted[name] = list(dict.fromkeys([*wanted.get(name, []), *filter(None, [entry["model_patch"]])]))
    timeout = run.config.suite_timeout if isinstance(split, splits.RecipeSplit) else run.config.grade_timeout

    def failed(task: Task, reason: str, trace: str) -> None:
        run.task(task.instance_id).event("grading_error", reason=reason, traceback=trace)

    return grade_patches(run, wanted, split, console, timeout=timeout, on_failure=failed)


def grade_patches(
    book: Graded,
    wanted: Mapping[str, Sequence[str]],
    split: splits.Split,
    console: Console,
    *,
    timeout: float,
    on_failure: Callable[[Task, str, str], None],
) -> BatchResult:
    """Grade the patches that have no grade in the book yet; ``wanted``: instance id -> patches.

    Grades are saved patch by patch; Ctrl-C loses at most the one under way. Tasks that the split lacks are left out.
    """
    tasks = {task.instance_id: task for task in split.tasks()}
    todo = [tasks[name] for name in wanted if name in tasks and ungraded(read_page(book, name), wanted[name])]
    with stop_on_signals() as stop, watch(console, len(todo)) as shown:

        def work(task: Task) -> str:
            return _grade_task(book, split, task, wanted[task.instance_id], timeout, shown)

        return run_batch(
            todo,
            work,
            at_once=max(1, min(len(todo), len(os.sched_getaffinity(0)))),
            progress=shown,
            stop=stop,
            on_failure=on_failure,
        )


def patches(run: Run, instance_id: str) -> list[str]:
    """Return every patch of a task that a figure needs: its candidates', and its single calls'."""
    folder = run.task(instance_id)
    ballot, singles = folder.read("ballot.json", Ballot), read_singles(folder)
    candidates = (*(ballot.candidates if ballot else ()), *(singles.candidates if singles else ()))
    return list(dict.fromkeys(candidate.patch for candidate in candidates))


def _grade_task(
    book: Graded, split: splits.Split, task: Task, wanted: Sequence[str], timeout: float, shown: Progress
) -> str:
    page = read_page(book, task.instance_id)
    waiting = ungraded(page, wanted)
    logs = book.grading / "logs" / task.instance_id
    with split.grader(task, book.id, timeout=timeout, logs=logs) as grade:
        for number, patch in enumerate(waiting, start=1):
            shown.stage(task.instance_id, f"grading {number} of {len(waiting)}")
            page = Page(grades={**page.grades, patch_key(patch): grade(patch)})
            write_page(book, task.instance_id, page)
    resolved = sum(grade is not None and grade.outcome == "resolved" for grade in map(page.of, wanted))
    return f"{resolved} of {len(wanted)} different patches resolve it"
