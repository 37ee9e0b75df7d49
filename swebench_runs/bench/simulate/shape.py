"""What is simulated: the machines, and the work of tasks as it was recorded."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Kind = Literal["call", "core", "own", "side"]
"""A model's answer; a test or command, which has a core's turn; Runoff's own process, which has one core at most,
whatever its threads; and programs that it starts without a turn (a sandbox that is made, git)."""


@dataclass(frozen=True)
class Shape:
    """The machines of a run."""

    tasks: int
    trajectories: int
    """Of each task."""
    nodes: int = 1
    workers: int = 4
    """Tasks, and live trajectories, of a node (``-w``)."""
    cores: int = 4
    """Of a node: commands that run at once."""
    replicas: int = 1
    calls: int = 64
    """That one replica answers at once; more wait."""


@dataclass(frozen=True)
class Piece:
    """One thing that is waited for."""

    kind: Kind
    seconds: float
    once: str = ""
    """Where it is named, the first of a task that comes to it does it, and the others have it from the record."""


@dataclass(frozen=True)
class TrajectoryWork:
    """What one trajectory took, as recorded."""

    pieces: tuple[Piece, ...]
    votes: tuple[Piece, ...] = ()
    """What the votes on its patch took, beyond what it ran itself."""


@dataclass(frozen=True)
class TaskWork:
    """What one task took, as recorded."""

    before: tuple[Piece, ...]
    """Until its trajectories begin: its tree, its context."""
    trajectories: tuple[TrajectoryWork, ...]
    after: tuple[Piece, ...]
    """From the votes' end to its decision, and what they took beside tests: judges, the run-off."""
    beside: tuple[Piece, ...] = ()
    """While its trajectories are at work: the existing tests on the base, which the votes wait for."""
