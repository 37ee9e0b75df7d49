"""What is simulated: the machines, and the work of tasks as it was recorded."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Kind = Literal["call", "core", "wait"]
"""A model's answer, a command on a core, and what is neither: seconds that pass."""


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


@dataclass(frozen=True)
class TaskWork:
    """What one task took, as recorded."""

    before: tuple[Piece, ...]
    """Until its trajectories begin: its tree, its context, its suite."""
    trajectories: tuple[tuple[Piece, ...], ...]
    after: tuple[Piece, ...]
    """From their end to its decision: votes, judges, the run-off."""
