"""Which tasks of a split a configuration asks for."""

from __future__ import annotations

import random
import re
from collections.abc import Iterable

from environments.task import Task
from swebench_runs.config import RunConfig, nearest
from swebench_runs.errors import UsageError

SHUFFLE_SEED = 42
"""The seed of ``--shuffle``, the one that mini-swe-agent uses, so that slices are the same tasks."""


def select(tasks: Iterable[Task], config: RunConfig) -> list[Task]:
    """Return the tasks that the configuration asks for: shuffle, then filter, then slice, as mini-swe-agent does.

    Raises UsageError for an instance that is not there, and when nothing is left.
    """
    pool = list(tasks)
    if config.instances:
        known = {task.instance_id for task in pool}
        for name in config.instances:
            if name not in known:
                raise UsageError(f"no instance {name!r} in {config.subset}{nearest(name, known)}")
        pool = [task for task in pool if task.instance_id in config.instances]
    if config.shuffle:
        pool.sort(key=lambda task: task.instance_id)
        random.Random(SHUFFLE_SEED).shuffle(pool)
    pattern = _pattern(config.filter)
    pool = [task for task in pool if pattern.match(task.instance_id)][_slice(config.slice)]
    if not pool:
        raise UsageError(f"no task of {config.subset} is left: loosen --filter, --slice or -i")
    return pool


def _pattern(text: str) -> re.Pattern[str]:
    try:
        return re.compile(text)
    except re.error as error:
        raise UsageError(f"--filter {text!r} is not a regular expression: {error}") from None


def _slice(text: str) -> slice:
    if not text:
        return slice(None)
    if not re.fullmatch(r"(-?\d+)?(:(-?\d+)?){0,2}", text):
        raise UsageError(f"--slice {text!r}: write start:stop, e.g. 0:5, or how many")
    parts = [int(part) if part else None for part in text.split(":")]
    if parts[2:] == [0]:
        raise UsageError(f"--slice {text!r}: a step cannot be 0")
    return slice(*parts)
