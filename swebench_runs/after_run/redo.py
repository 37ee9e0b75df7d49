"""``--redo STATUS``: tasks that ended so begin anew. What they were is set aside, never deleted: it was paid for.

``--redo fewer`` alone keeps what trajectories have answered, and goes on to the number that is asked for by now.
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime

from environments.task import Task
from swebench_runs.after_run.statuses import FEWER, STATUSES, statuses
from swebench_runs.errors import UsageError
from swebench_runs.one_task import pool
from swebench_runs.run_folder.store import Run


def set_aside(run: Run, tasks: Sequence[Task], wanted: Iterable[str]) -> list[str]:
    """Move the files of tasks of which a status is true to ``superseded/<time>/``; return their instance ids.

    Raises UsageError for a word that is no status, naming the nearest one.
    """
    words = {known_status(word) for word in wanted}
    moved = [task for task in tasks if words & statuses(run, task.instance_id)]
    anew = {task.instance_id for task in moved if (words - {FEWER}) & statuses(run, task.instance_id)}
    if not moved:
        return []
    aside = run.path / "superseded" / re.sub(r"\W", "", datetime.now(UTC).isoformat(timespec="microseconds"))
    for task in moved:
        name = task.instance_id
        for place in _places(name) if name in anew else _decided(name):
            if (run.path / place).exists():
                (aside / place).parent.mkdir(parents=True, exist_ok=True)
                (run.path / place).rename(aside / place)
        run.task(name).write("task.json", task)
    run.write_predictions()
    return [task.instance_id for task in moved]


def _places(name: str) -> tuple[str, ...]:
    """Return all that a run has of a task."""
    return f"tasks/{name}", f"grading/{name}.json", f"grading/logs/{name}"


def _decided(name: str) -> tuple[str, ...]:
    """Return what was made of a task's trajectories; they themselves, and grades of patches, stay."""
    return tuple(f"tasks/{name}/{file}" for file in ("decision.json", "ballot.json", pool.FILE))


def known_status(word: str) -> str:
    """Return the status that a word means; UsageError, naming the nearest one, for one that means none."""
    for status in STATUSES:
        if word.casefold() == status.casefold():
            return status
    close = difflib.get_close_matches(word, STATUSES, n=1)
    hint = f"did you mean {close[0]}?" if close else f"there are {', '.join(STATUSES)}"
    raise UsageError(f"--redo {word}: no such status; {hint}")
