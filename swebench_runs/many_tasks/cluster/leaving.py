"""What an earlier driver has left and cannot go on: it is stopped, heard to its end, and ended.

A node that shares no folder holds answers that nobody else has: they were paid for, so it is heard before it ends.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from swebench_runs.many_tasks.cluster import ray_nodes
from swebench_runs.many_tasks.cluster.news import News, Over
from swebench_runs.many_tasks.cluster.node_runner import Begun
from swebench_runs.many_tasks.cluster.ray_nodes import NodeLost

ENDING = 10.0
"""Seconds that nodes get to let go of what they hold."""


@dataclass
class _Leaver:
    actor: Any
    deadline: float
    holding: set[str] = field(default_factory=set)
    """Tasks whose end it has not told."""
    heard: int = 0
    """The number of the next news."""


class Leaving:
    """The actors that are on their way out, by their nodes' ids. Used by one thread at a time."""

    def __init__(self, started: str, hear: Callable[[News], None]) -> None:
        """``started``: the run's; what an actor of an earlier one in the same folder says is nothing to it.

        ``hear`` is told what the others say.
        """
        self._started = started
        self._hear = hear
        self._leavers: dict[str, _Leaver] = {}
        self._calls: dict[Any, tuple[str, Callable[[str, Any], None]]] = {}

    def __bool__(self) -> bool:
        return bool(self._leavers)

    @property
    def nodes(self) -> set[str]:
        """The nodes that an actor is about to leave."""
        return set(self._leavers)

    def send_off(self, node: str, actor: Any, begun: Begun | None = None) -> None:
        """Have an actor end. ``begun``: how it said that it stands; None: it is asked."""
        self._leavers[node] = _Leaver(actor, time.monotonic() + ENDING)
        if begun is None:
            self._calls[actor.begin.remote()] = node, self._stop
        else:
            self._stop(node, begun)

    def step(self) -> None:
        """Deal with what was answered; those that are through, and those that are late, are ended."""
        while (call := ray_nodes.first_ready(list(self._calls), 0.0)) is not None:
            node, deal = self._calls.pop(call)
            if node not in self._leavers:
                continue
            try:
                answer = ray_nodes.outcome(call)
            except NodeLost:
                self._end(node)
            else:
                deal(node, answer)
        now = time.monotonic()
        for node in [name for name, leaver in self._leavers.items() if leaver.deadline < now]:
            self._end(node)

    def finish(self) -> None:
        """Wait until all have ended."""
        while self._leavers:
            self.step()
            time.sleep(0.05)

    def _stop(self, node: str, begun: Begun) -> None:
        if begun.started != self._started:
            self._end(node)
            return
        leaver = self._leavers[node]
        leaver.holding, leaver.heard = set(begun.holding), begun.first
        leaver.actor.stop.remote()
        self._listen(node)

    def _listen(self, node: str) -> None:
        leaver = self._leavers[node]
        if leaver.holding:
            self._calls[leaver.actor.news.remote(leaver.heard)] = node, self._told
        else:
            self._calls[leaver.actor.close.remote()] = node, lambda node, _: self._end(node)

    def _told(self, node: str, news: list[News]) -> None:
        leaver = self._leavers[node]
        for one in news:
            self._hear(one)
            if isinstance(one, Over):
                leaver.holding.discard(one.task)
        leaver.heard += len(news)
        self._listen(node)

    def _end(self, node: str) -> None:
        ray_nodes.end(self._leavers.pop(node).actor)
