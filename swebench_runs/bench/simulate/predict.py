"""A run as discrete events: tasks on nodes, their trajectories in turns on cores and at replicas of a model.

    predict(recorded_work(run), Shape(tasks=500, trajectories=16, nodes=50, replicas=8))

The rules are a run's own: a node takes tasks and live trajectories up to its workers, a test or command has a core's
turn, Runoff's own process has one core at most, a test that is on record is not run again, the votes wait for the
existing tests on the base, a trajectory keeps to one replica, the next task goes to the node with most room. What runs
without a turn shares the cores with what has one. A replica takes so many calls at once, and a call as long as on
record, however many it answers: an engine that slows down under load is not seen.
"""

from __future__ import annotations

import random
import statistics
from collections.abc import Generator, Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import simpy

from swebench_runs.bench.simulate.shape import Piece, Shape, TaskWork
from swebench_runs.bench.simulate.shared_cores import SharedCores

_Process = Generator[simpy.Event, Any, Any]
_BUSY = 0.8
"""Share of its time from which on something is what a run waits for."""


@dataclass(frozen=True)
class Prediction:
    """What a simulated run came to."""

    seconds: float
    """From its start to its last decision."""
    cores_busy: float
    """Share of the cores' time that was used."""
    own_busy: float
    """Share of the time in which a node's own process was at work: more cores do not help it."""
    replicas_busy: float
    """Share of the replicas' places with a call in them."""
    last_tenth: float
    """Share of the time in which under a tenth of the tasks were left."""

    @property
    def bound_by(self) -> str:
        """What more of would help most, in a word."""
        shares = {"cores": self.cores_busy, "nodes": self.own_busy, "replicas": self.replicas_busy}
        most = max(shares, key=lambda name: shares[name])
        return most if shares[most] >= _BUSY else "workers"


def predict(work: Sequence[TaskWork], shape: Shape, *, seed: int = 0) -> Prediction:
    """Simulate a run whose tasks are drawn, by seed, from recorded ones, and their trajectories likewise."""
    return _Simulation(work, shape, random.Random(seed)).run()


class _Node:
    def __init__(self, env: simpy.Environment, shape: Shape) -> None:
        self.places = simpy.Resource(env, shape.workers)
        self.turns = simpy.Resource(env, shape.cores)
        self.cores = SharedCores(env, shape.cores)


class _Task:
    """A task under way: where, and which of its tests are on record, or run now."""

    def __init__(self, node: _Node) -> None:
        self.node = node
        self.known: dict[str, simpy.Event] = {}


class _Simulation:
    def __init__(self, work: Sequence[TaskWork], shape: Shape, draw: random.Random) -> None:
        self._shape, self._draw = shape, draw
        self._env = simpy.Environment()
        self._nodes = [_Node(self._env, shape) for _ in range(shape.nodes)]
        self._replicas = [simpy.Resource(self._env, shape.calls) for _ in range(shape.replicas)]
        self._waiting = [draw.choice(work) for _ in range(shape.tasks)]
        self._waiting.sort(key=_length)  # longest first, from the end
        self._ends: list[float] = []
        self._used = {"call": 0.0, "core": 0.0, "own": 0.0, "side": 0.0}

    def run(self) -> Prediction:
        for _ in range(self._shape.workers):
            for node in self._nodes:
                self._env.process(self._slot(node))
        self._env.run()
        seconds = max(self._ends, default=0.0)
        late = sorted(self._ends)[-max(len(self._ends) // 10, 1)] if self._ends else 0.0
        whole, used = max(seconds, 1e-9), self._used
        return Prediction(
            seconds=seconds,
            cores_busy=(used["core"] + used["own"] + used["side"]) / (whole * self._shape.nodes * self._shape.cores),
            own_busy=used["own"] / (whole * self._shape.nodes),
            replicas_busy=used["call"] / (whole * self._shape.replicas * self._shape.calls),
            last_tenth=(seconds - late) / whole,
        )

    def _slot(self, node: _Node) -> _Process:
        while self._waiting:
            yield from self._task(_Task(node), self._waiting.pop())

    def _task(self, task: _Task, work: TaskWork) -> _Process:
        yield from self._pieces(task, work.before, self._replica())
        drawn = [
            self._draw.choice(work.trajectories) for _ in range(self._shape.trajectories if work.trajectories else 0)
        ]
        beside = self._env.process(self._pieces(task, work.beside, self._replica()))
        yield self._env.all_of([beside, *(self._env.process(self._trajectory(task, one.pieces)) for one in drawn)])
        yield self._env.all_of(
            [self._env.process(self._pieces(task, [piece], self._replica())) for one in drawn for piece in one.votes]
        )
        yield from self._pieces(task, work.after, self._replica())
        self._ends.append(self._env.now)

    def _trajectory(self, task: _Task, pieces: Iterable[Piece]) -> _Process:
        with task.node.places.request() as place:
            yield place
            yield from self._pieces(task, pieces, self._replica())

    def _pieces(self, task: _Task, pieces: Iterable[Piece], replica: simpy.Resource) -> _Process:
        for piece in pieces:
            if piece.once in task.known:
                yield task.known[piece.once]
                continue
            done = self._env.event()
            if piece.once:
                task.known[piece.once] = done
            yield from self._piece(task.node, piece, replica)
            done.succeed()

    def _piece(self, node: _Node, piece: Piece, replica: simpy.Resource) -> _Process:
        self._used[piece.kind] += piece.seconds
        if piece.kind == "call":
            with replica.request() as place:
                yield place
                yield self._env.timeout(piece.seconds)
        elif piece.kind == "core":
            with node.turns.request() as turn:
                yield turn
                yield node.cores.run(piece.seconds)
        else:
            yield node.cores.run(piece.seconds, own=piece.kind == "own")

    def _replica(self) -> simpy.Resource:
        return min(self._replicas, key=lambda one: (one.count + len(one.queue), self._draw.random()))


def _length(work: TaskWork) -> float:
    return statistics.fmean([sum(piece.seconds for piece in one.pieces) for one in work.trajectories] or [0.0])
