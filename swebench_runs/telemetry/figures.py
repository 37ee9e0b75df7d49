"""A run's figures as OpenTelemetry instruments, which Prometheus reads and a collector is sent."""

from __future__ import annotations

import threading

from opentelemetry.metrics import Meter

from agent.models.contract import Usage
from agent.trajectory.trajectory import Ending


class MeasuredProgress:
    """A ``Progress`` that counts. By few words each: tasks and trajectories are never named."""

    def __init__(self, meter: Meter) -> None:
        """Make the instruments."""
        self._tasks = meter.create_counter("runoff_tasks", description="Tasks that were decided, or failed.")
        self._at = meter.create_up_down_counter("runoff_tasks_at_stage", description="Tasks worked on, by stage.")
        self._ended = meter.create_counter("runoff_trajectories", description="Trajectories that ended.")
        self._live = meter.create_up_down_counter("runoff_trajectories_live", description="Trajectories under way.")
        self._calls = meter.create_counter("runoff_calls", description="Calls of a model that were answered.")
        self._tokens = meter.create_counter("runoff_tokens", description="Tokens of those calls.")
        self._cost = meter.create_counter("runoff_cost_dollars", description="US dollars, where the price is known.")
        self._unpriced = meter.create_counter("runoff_calls_unpriced", description="Calls of unknown price.")
        self._lock = threading.Lock()
        self._stages: dict[str, str] = {}
        self._running: set[tuple[str, str]] = set()

    def stage(self, task: str, name: str) -> None:
        """Count a task at its new stage."""
        with self._lock:
            self._leave(task)
            self._stages[task] = name
            self._at.add(1, {"stage": name})

    def note(self, task: str, text: str) -> None:
        """Count nothing."""

    def step(self, task: str, trajectory: str, text: str) -> None:
        """Count a trajectory as live by its first step."""
        with self._lock:
            if (task, trajectory) not in self._running:
                self._running.add((task, trajectory))
                self._live.add(1)

    def ended(self, task: str, trajectory: str, ending: Ending) -> None:
        """Count an ending."""
        with self._lock:
            if (task, trajectory) in self._running:
                self._running.remove((task, trajectory))
                self._live.add(-1)
        self._ended.add(1, {"ending": ending.value})

    def usage(self, task: str, usage: Usage, cost: float | None, *, by: tuple[str, str] = ("", "")) -> None:
        """Count a call."""
        player = {"role": by[0], "model": by[1]}
        self._calls.add(1, player)
        fresh = usage.prompt_tokens - usage.cached_prompt_tokens
        for kind, number in (
            ("prompt", fresh),
            ("cached_prompt", usage.cached_prompt_tokens),
            ("completion", usage.completion_tokens),
        ):
            self._tokens.add(max(number, 0), {**player, "kind": kind})
        if cost is None:
            self._unpriced.add(1, player)
        else:
            self._cost.add(cost, player)

    def done(self, task: str, text: str) -> None:
        """Count a decision."""
        self._over(task, "decided")

    def failed(self, task: str, reason: str) -> None:
        """Count a failure; a task that is tried again may be counted again."""
        self._over(task, "failed")

    def _over(self, task: str, state: str) -> None:
        self._tasks.add(1, {"state": state})
        with self._lock:
            self._leave(task)
            left = {one for one in self._running if one[0] == task}
            self._running -= left
            self._live.add(-len(left))

    def _leave(self, task: str) -> None:
        if (stage := self._stages.pop(task, None)) is not None:
            self._at.add(-1, {"stage": stage})
