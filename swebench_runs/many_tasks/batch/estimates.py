"""How long a task will probably take, so that the longest begin first and none of them holds up the run's end alone."""

from __future__ import annotations

import threading
from collections import defaultdict
from collections.abc import Iterable
from statistics import mean

from environments.task import Task
from swebench_runs.run_folder.store import Run


class Estimates:
    """Seconds of tasks, told by what others of their repository took. Safe to use from any thread."""

    def __init__(self, run: Run, tasks: Iterable[Task]) -> None:
        """``tasks``: of the run; those that are decided are what is known at first."""
        self._run = run
        self._asked = run.config.editing + run.config.tests
        self._lock = threading.Lock()
        self._took: dict[str, list[float]] = defaultdict(list)
        """Repository -> seconds of its decided tasks."""
        self._left: dict[str, float] = {}
        for task in tasks:
            if run.decided(task.instance_id):
                self.learn(task)

    def learn(self, task: Task) -> None:
        """Count a task that is decided."""
        seconds = self._run.task(task.instance_id).working_seconds()
        with self._lock:
            self._took[task.repo].append(seconds)

    def seconds(self, task: Task) -> float:
        """Return what a task will take: as others of its repository, else of the run, less what is on record of it.

        Where nothing is known all tasks count alike.
        """
        with self._lock:
            known = self._took.get(task.repo) or [one for took in self._took.values() for one in took]
            if task.instance_id not in self._left:
                self._left[task.instance_id] = self._share_left(task)
            return (mean(known) if known else 1.0) * self._left[task.instance_id]

    def _share_left(self, task: Task) -> float:
        """Return the share of a task's trajectories that no earlier sitting has brought to an end."""
        folder = self._run.task(task.instance_id)
        counts = {"edit": self._run.config.editing, "test": self._run.config.tests}
        over = sum(folder.over(kind, index) for kind, count in counts.items() for index in range(count))
        return 1.0 - over / self._asked if self._asked else 1.0
