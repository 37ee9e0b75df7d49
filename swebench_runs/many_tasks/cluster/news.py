"""What a node tells the driver of a run: what it shows, what it wrote, which tasks are over."""

from __future__ import annotations

import threading
from dataclasses import dataclass, field
from typing import Any

from agent.models.contract import Usage
from agent.trajectory.budget import Amount
from agent.trajectory.trajectory import Ending
from swebench_runs.many_tasks.cluster.mirror import Change
from swebench_runs.one_task.progress import Progress


@dataclass(frozen=True)
class Shown:
    """A call of ``Progress``, to be made where somebody watches."""

    name: str
    values: tuple[Any, ...]
    by: tuple[str, str] | None = None

    def show(self, progress: Progress) -> None:
        """Make the call."""
        named = {} if self.by is None else {"by": self.by}
        getattr(progress, self.name)(*self.values, **named)


@dataclass(frozen=True)
class Written:
    """What changed in a task's folder, where nodes share none."""

    task: str
    changes: tuple[Change, ...]


@dataclass(frozen=True)
class Over:
    """A task came to its end on a node: its decision in one line, or the exception that ended it."""

    task: str
    line: str = ""
    error: Exception | None = None
    trace: str = ""
    spent: Amount = field(default_factory=Amount)


News = Shown | Written | Over


class NewsBox:
    """News in order, each with a number; what the driver has is dropped, what it has not is told again."""

    def __init__(self) -> None:
        self._changed = threading.Condition()
        self._news: list[News] = []
        self._first = 0
        """The number of the oldest news that is kept."""

    @property
    def first(self) -> int:
        """The number of the oldest news that nobody has confirmed."""
        with self._changed:
            return self._first

    def add(self, *news: News) -> None:
        """Keep news until they are confirmed."""
        with self._changed:
            self._news += news
            self._changed.notify_all()

    def after(self, number: int, patience: float) -> list[News]:
        """Drop all news before ``number``, and return the others; waits for some, ``patience`` seconds at most."""
        with self._changed:
            del self._news[: max(0, number - self._first)]
            self._first = max(self._first, number)
            self._changed.wait_for(lambda: self._news, timeout=patience)
            return list(self._news)

    def unconfirmed(self) -> set[str]:
        """Return the tasks whose end is among what nobody has confirmed."""
        with self._changed:
            return {news.task for news in self._news if isinstance(news, Over)}


class Reporter:
    """A ``Progress`` that puts what it is told into a box."""

    def __init__(self, box: NewsBox) -> None:
        """``box``: the node's."""
        self._box = box

    def stage(self, task: str, name: str) -> None:
        """Pass it on."""
        self._box.add(Shown("stage", (task, name)))

    def note(self, task: str, text: str) -> None:
        """Pass it on."""
        self._box.add(Shown("note", (task, text)))

    def step(self, task: str, trajectory: str, text: str) -> None:
        """Pass it on."""
        self._box.add(Shown("step", (task, trajectory, text)))

    def ended(self, task: str, trajectory: str, ending: Ending) -> None:
        """Pass it on."""
        self._box.add(Shown("ended", (task, trajectory, ending)))

    def usage(self, task: str, usage: Usage, cost: float | None, *, by: tuple[str, str] = ("", "")) -> None:
        """Pass it on."""
        self._box.add(Shown("usage", (task, usage, cost), by=by))

    def done(self, task: str, text: str) -> None:
        """Say nothing: the driver tells it once it has heard of the end."""

    def failed(self, task: str, reason: str) -> None:
        """Say nothing: the driver tells it."""
