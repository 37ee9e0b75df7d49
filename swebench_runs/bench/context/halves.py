"""Tasks in two halves by their names alone: one to develop on, one to report."""

from __future__ import annotations

import hashlib
import random
from collections.abc import Sequence
from typing import Literal, get_args

from environments.task import Task

Half = Literal["develop", "report"]
HALVES: tuple[Half, ...] = get_args(Half)


def half_of(instance_id: str, seed: int = 0) -> Half:
    """Return the half of a task: always the same for a seed, whatever other tasks there are."""
    return HALVES[hashlib.sha256(f"{seed} {instance_id}".encode()).digest()[0] % 2]


def drawn(tasks: Sequence[Task], *, half: Half | None, count: int | None, seed: int) -> list[Task]:
    """Return the tasks of a half, or ``count`` of them in an order drawn by the seed."""
    own = [task for task in tasks if half is None or half_of(task.instance_id, seed) == half]
    if count is not None:
        own.sort(key=lambda task: task.instance_id)
        random.Random(seed).shuffle(own)
    return own[:count]
