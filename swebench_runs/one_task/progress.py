"""What the pipeline tells whoever watches. Safe to call from any thread; a watcher never raises."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from agent.models.contract import Usage
from agent.trajectory.trajectory import Ending


class Progress(Protocol):
    """A watcher of a run; tasks and trajectories are named by their ids."""

    def stage(self, task: str, name: str) -> None:
        """A stage of a task begins: ``context``, ``tests``, ``edits``, ``matrix``, ``judge``, ``runoff``, ..."""
        ...

    def note(self, task: str, text: str) -> None:
        """Something is known of a task before its first trajectory, told in one line."""
        ...

    def step(self, task: str, trajectory: str, text: str) -> None:
        """A trajectory did a step, told in one short line; its first step counts it as running."""
        ...

    def ended(self, task: str, trajectory: str, ending: Ending) -> None:
        """A trajectory ended."""
        ...

    def usage(self, task: str, usage: Usage, cost: float | None, *, by: tuple[str, str] = ("", "")) -> None:
        """A model call was answered: its tokens, its US dollars (None: unknown), and the role and model it was by."""
        ...

    def done(self, task: str, text: str) -> None:
        """A task is decided, told in one short line."""
        ...

    def failed(self, task: str, reason: str) -> None:
        """A task could not be worked on (infrastructure, or interrupted): it is retried by the next run."""
        ...


class Silence:
    """A watcher that shows nothing."""

    def stage(self, task: str, name: str) -> None:
        """Show nothing."""

    def note(self, task: str, text: str) -> None:
        """Show nothing."""

    def step(self, task: str, trajectory: str, text: str) -> None:
        """Show nothing."""

    def ended(self, task: str, trajectory: str, ending: Ending) -> None:
        """Show nothing."""

    def usage(self, task: str, usage: Usage, cost: float | None, *, by: tuple[str, str] = ("", "")) -> None:
        """Show nothing."""

    def done(self, task: str, text: str) -> None:
        """Show nothing."""

    def failed(self, task: str, reason: str) -> None:
        """Show nothing."""


def together(*watchers: Progress) -> Progress:
    """Return a watcher that tells several, in their order."""
    return watchers[0] if len(watchers) == 1 else _Several(watchers)


class _Several:
    def __init__(self, watchers: Sequence[Progress]) -> None:
        self._watchers = watchers

    def stage(self, task: str, name: str) -> None:
        for one in self._watchers:
            one.stage(task, name)

    def note(self, task: str, text: str) -> None:
        for one in self._watchers:
            one.note(task, text)

    def step(self, task: str, trajectory: str, text: str) -> None:
        for one in self._watchers:
            one.step(task, trajectory, text)

    def ended(self, task: str, trajectory: str, ending: Ending) -> None:
        for one in self._watchers:
            one.ended(task, trajectory, ending)

    def usage(self, task: str, usage: Usage, cost: float | None, *, by: tuple[str, str] = ("", "")) -> None:
        for one in self._watchers:
            one.usage(task, usage, cost, by=by)

    def done(self, task: str, text: str) -> None:
        for one in self._watchers:
            one.done(task, text)

    def failed(self, task: str, reason: str) -> None:
        for one in self._watchers:
            one.failed(task, reason)
