"""Which task of a run begins next: the longest by estimate, and those that failed with the machine once more, later."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from environments.task import Task

FIRST_WAIT = 10.0
"""Seconds after which a task that failed with the machine is tried again; each further time twice as long."""


@dataclass
class TaskQueue:
    """The tasks that are not begun. Used by one thread."""

    tasks: Sequence[Task]
    tries: int = 1
    """How often a task is begun at most, where the machine fails."""
    seconds: Callable[[Task], float] = lambda task: 0.0
    """An estimate of what a task will take, asked each time one is chosen: it learns meanwhile. Equal ones keep their
    order."""
    clock: Callable[[], float] = time.monotonic
    _begun: Counter[str] = field(default_factory=Counter)
    _not_before: dict[str, float] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self._waiting = list(self.tasks)

    def __bool__(self) -> bool:
        return bool(self._waiting)

    def take(self) -> Task | None:
        """Return the task to begin now, and count it as begun; None where there is none, or none yet.

        Those that were never begun come first: what the machine fails with may be over when the others are done.
        """
        now = self.clock()
        ready = [task for task in self._waiting if self._not_before.get(task.instance_id, now) <= now]
        if not ready:
            return None
        new = [task for task in ready if not self._begun[task.instance_id]]
        chosen = max(new or ready, key=self.seconds)
        self._waiting.remove(chosen)
        self._begun[chosen.instance_id] += 1
        return chosen

    def again(self, task: Task) -> float | None:
        """Put a task back that failed with the machine; returns the seconds until it may begin, None: no more tries."""
        begun = self._begun[task.instance_id]
        if begun >= self.tries:
            return None
        wait = FIRST_WAIT * 2.0 ** (begun - 1)
        self._waiting.append(task)
        self._not_before[task.instance_id] = self.clock() + wait
        return wait
