"""``--redo STATUS``: tasks that ended so begin anew. What they were is set aside, never deleted: it was paid for."""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime

from environments.task import Task
from swebench_runs.after_run.statuses import STATUSES, statuses
from swebench_runs.errors import UsageError
from swebench_runs.run_folder.store import Run


def set_aside(run: Run, tasks: Sequence[Task], wanted: Iterable[str]) -> list[str]:
    """Move the files of tasks of which a status is true to ``superseded/<time>/``; return their instance ids.

    Raises UsageError for a word that is no status, naming the nearest one.
    """
    words = {_known(word) for word in wanted}
    moved = [task for task in tasks if words & statuses(run, task.instance_id)]
    if not moved:
        return []
    aside = run.path / "superseded" / re.sub(r"\W", "", datetime.now(UTC).isoformat(timespec="microseconds"))
    for task in moved:
        name = task.instance_id
        for place in (f"tasks/{name}", f"grading/{name}.json", f"grading/logs/{name}"):
            if (run.path / place).exists():
                (aside / place).parent.mkdir(parents=True, exist_ok=True)
                (run.path / place).rename(aside / place)
        run.task(name).write("task.json", task)
    run.write_predictions()
    return [task.instance_id for task in moved]


def _known(word: str) -> str:
    for status in STATUSES:
        if word.casefold() == status.casefold():
            return status
    close = difflib.get_close_matches(word, STATUSES, n=1)
    hint = f"did you mean {close[0]}?" if close else f"there are {', '.join(STATUSES)}"
    raise UsageError(f"--redo {word}: no such status; {hint}")
