"""A run as discrete events: tasks on nodes, their trajectories in turns on cores and at replicas of a model.

    predict(recorded_work(run), Shape(tasks=500, trajectories=16, nodes=50, replicas=8))

The rules are a run's own: a node takes tasks and live trajectories up to its workers, a command has a core, a
trajectory keeps to one replica, the next task goes to the node with most room. A replica takes so many calls at once,
and a call as long as on record, however many it answers: an engine that slows down under load is not seen.
"""

from __future__ import annotations

import random
import statistics
from collections.abc import Generator, Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import simpy

from swebench_runs.bench.simulate.shape import Piece, Shape, TaskWork

_Process = Generator[simpy.Event, Any, Any]


@dataclass(frozen=True)
class Prediction:
    """What a simulated run came to."""

    seconds: float
    """From its start to its last decision."""
    cores_busy: float
    """Share of the cores' time with a command on them."""
    replicas_busy: float
    """Share of the replicas' places with a call in them."""
    last_tenth: float
    """Share of the time in which under a tenth of the tasks were left."""

    @property
    def bound_by(self) -> str:
        """What more of would help most, in a word."""
        if max(self.cores_busy, self.replicas_busy) < 0.8:
            return "workers"
        return "cores" if self.cores_busy > self.replicas_busy else "replicas"


def predict(work: Sequence[TaskWork], shape: Shape, *, seed: int = 0) -> Prediction:
    """Simulate a run whose tasks are drawn, by seed, from recorded ones, and their trajectories likewise."""
    return _Simulation(work, shape, random.Random(seed)).run()


class _Node:
    def __init__(self, env: simpy.Environment, shape: Shape) -> None:
        self.tasks = 0
        self.places = simpy.Resource(env, shape.workers)
        self.cores = simpy.Resource(env, shape.cores)


class _Simulation:
    def __init__(self, work: Sequence[TaskWork], shape: Shape, draw: random.Random) -> None:
        self._shape, self._draw = shape, draw
        self._env = simpy.Environment()
        self._nodes = [_Node(self._env, shape) for _ in range(shape.nodes)]
        self._replicas = [simpy.Resource(self._env, shape.calls) for _ in range(shape.replicas)]
        self._waiting = [draw.choice(work) for _ in range(shape.tasks)]
        self._waiting.sort(key=_length)  # longest first, from the end
        self._ends: list[float] = []
        self._used = {"call": 0.0, "core": 0.0, "wait": 0.0}

    def run(self) -> Prediction:
        slots = self._shape.workers
        for _ in range(slots):
            for node in self._nodes:
                self._env.process(self._slot(node))
        self._env.run()
        seconds = max(self._ends, default=0.0)
        late = sorted(self._ends)[-max(len(self._ends) // 10, 1)] if self._ends else 0.0
        whole = max(seconds, 1e-9)
        return Prediction(
            seconds=seconds,
            cores_busy=self._used["core"] / (whole * self._shape.nodes * self._shape.cores),
            replicas_busy=self._used["call"] / (whole * self._shape.replicas * self._shape.calls),
            last_tenth=(seconds - late) / whole,
        )

    def _slot(self, node: _Node) -> _Process:
        while self._waiting:
            yield from self._task(node, self._waiting.pop())

    def _task(self, node: _Node, work: TaskWork) -> _Process:
        yield from self._pieces(node, work.before, self._replica())
        drawn = [self._draw.choice(work.trajectories or ((),)) for _ in range(self._shape.trajectories)]
        yield self._env.all_of([self._env.process(self._trajectory(node, one)) for one in drawn])
        yield from self._pieces(node, work.after, self._replica())
        self._ends.append(self._env.now)

    def _trajectory(self, node: _Node, pieces: Iterable[Piece]) -> _Process:
        with node.places.request() as place:
            yield place
            yield from self._pieces(node, pieces, self._replica())

    def _pieces(self, node: _Node, pieces: Iterable[Piece], replica: simpy.Resource) -> _Process:
        for piece in pieces:
            self._used[piece.kind] += piece.seconds
            if piece.kind == "wait":
                yield self._env.timeout(piece.seconds)
                continue
            with (replica if piece.kind == "call" else node.cores).request() as turn:
                yield turn
                yield self._env.timeout(piece.seconds)

    def _replica(self) -> simpy.Resource:
        return min(self._replicas, key=lambda one: (one.count + len(one.queue), self._draw.random()))


def _length(work: TaskWork) -> float:
    return statistics.fmean([sum(piece.seconds for piece in one) for one in work.trajectories] or [0.0])
