"""Which task goes to which node: what is known of both, and the choice; nothing here knows of Ray."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field

MOST_LOSSES = 3
"""Nodes that may be lost under one task before it counts as what they are lost by."""


@dataclass
class Place:
    """A node that takes tasks."""

    slots: int
    """Tasks that it works on at a time."""
    kinds: set[str] = field(default_factory=set)
    """Repositories whose images and environments it holds."""
    tasks: set[str] = field(default_factory=set)
    """What it works on."""

    @property
    def free(self) -> int:
        """How many more it takes."""
        return self.slots - len(self.tasks)


class Placing:
    """The tasks that wait, those that are worked on, and the nodes. Used by one thread."""

    def __init__(self) -> None:
        self.places: dict[str, Place] = {}
        self.waiting: list[str] = []
        self._kinds: dict[str, str] = {}
        self._avoided: dict[str, set[str]] = {}
        self._losses: Counter[str] = Counter()

    def add(self, task: str, kind: str) -> None:
        """Have a task wait, behind the others, unless a node holds it already. ``kind``: its repository."""
        self._kinds[task] = kind
        if not any(task in place.tasks for place in self.places.values()):
            self.waiting.append(task)

    def meet(self, node: str, slots: int, kinds: Sequence[str] = (), holding: Sequence[str] = ()) -> None:
        """Take a node into account, with the tasks that it is at work on already."""
        self.places[node] = Place(slots, set(kinds), set(holding))
        self.waiting = [task for task in self.waiting if task not in holding]

    def next(self) -> tuple[str, str] | None:
        """Choose a task and a node for it, and count it as the node's; None where nothing waits or nobody is free.

        The freest node is served first, so that tasks spread. It gets the first task whose repository it has; else the
        first of one that no node has; else the first.
        """
        for node in sorted(self.places, key=lambda name: (-self.places[name].free, len(self.places[name].tasks))):
            place = self.places[node]
            fit = [task for task in self.waiting if self._fits(task, node)]
            if place.free <= 0 or not fit:
                continue
            elsewhere = {kind for other in self.places.values() for kind in other.kinds} - place.kinds
            task = next(
                (task for task in fit if self._kinds[task] in place.kinds),
                next((task for task in fit if self._kinds[task] not in elsewhere), fit[0]),
            )
            self.waiting.remove(task)
            place.tasks.add(task)
            place.kinds.add(self._kinds[task])
            return task, node
        return None

    def _fits(self, task: str, node: str) -> bool:
        """Tell whether a task may go to a node: it has not failed there, or has failed everywhere."""
        avoided = self._avoided.get(task, set())
        return node not in avoided or self.places.keys() <= avoided

    def over(self, task: str, node: str) -> None:
        """Count a task as no longer the node's."""
        if node in self.places:
            self.places[node].tasks.discard(task)

    def failed(self, task: str, node: str) -> None:
        """Count a task as no longer the node's, which it failed on for the node's sake: another has it next time."""
        self.over(task, node)
        self._avoided.setdefault(task, set()).add(node)

    def lost(self, node: str) -> list[str]:
        """Forget a node; its tasks wait again, first of all. Returns those that have lost too many nodes already."""
        place = self.places.pop(node, Place(0))
        self._losses.update(place.tasks)
        given_up = sorted(task for task in place.tasks if self._losses[task] >= MOST_LOSSES)
        self.waiting[:0] = sorted(place.tasks.intersection(self._kinds) - set(given_up))
        return given_up
