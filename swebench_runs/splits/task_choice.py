"""Which tasks of a split a configuration asks for."""

from __future__ import annotations

import logging
import random
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from types import MappingProxyType

from environments.task import Task
from environments.text import one_line
from swebench_runs.config import RunConfig, nearest
from swebench_runs.errors import UsageError

SHUFFLE_SEED = 42
"""The seed of ``--shuffle``, the one that mini-swe-agent uses, so that slices are the same tasks."""
TOLD = 5
"""Rows that cannot be read, of which each has a line of its own."""

logger = logging.getLogger(__name__)


def select(
    tasks: Iterable[Task],
    config: RunConfig,
    unreadable: Mapping[str, str] = MappingProxyType({}),
    kind: Callable[[str], str] = lambda name: "",
) -> list[Task]:
    """Return the tasks that the configuration asks for: shuffle, then filter, then slice, as mini-swe-agent does.

    ``kind``: how a task's statement shows the bug (``Split.kind``), by which ``statement`` chooses.

    ``unreadable``: what stands in the split's place of a task that could not be read, and why (``Split.unreadable``).
    Where it is asked for by name that is an error; where everything is asked for, or what a filter lets through, it is
    said in a line each, and the others are done. Raises UsageError too for an instance that is not there, and when
    nothing is left.
    """
    pool = list(tasks)
    pattern = _pattern(config.filter)
    if config.instances:
        known = {task.instance_id for task in pool}
        for name in config.instances:
            if name in unreadable:
                raise UsageError(f"{name} cannot be read: {unreadable[name]}")
            if name not in known:
                raise UsageError(f"no instance {name!r} in {config.subset}{nearest(name, known)}")
        pool = [task for task in pool if task.instance_id in config.instances]
    else:
        _tell([why for name, why in unreadable.items() if pattern.match(name)])
    if config.shuffle:
        pool.sort(key=lambda task: task.instance_id)
        random.Random(SHUFFLE_SEED).shuffle(pool)
    pool = [task for task in pool if pattern.match(task.instance_id)]
    if config.statement != "any":
        pool = [task for task in pool if kind(task.instance_id) == config.statement]
    part = _part(config.slice)
    pool = pool[slice(None) if part else _slice(config.slice)]
    if config.draw is not None:
        pool.sort(key=lambda task: task.instance_id)
        pool = random.Random(config.seed).sample(pool, min(config.draw, len(pool)))
    pool = pool[part or slice(None)]  # last, so that the parts together are what one run would do
    if not pool:
        raise UsageError(f"no task of {config.subset} is left: loosen --filter, --slice or -i")
    return pool


def _tell(reasons: Sequence[str]) -> None:
    for reason in reasons[:TOLD]:
        logger.warning("a row is left out: %s", one_line(reason))
    if len(reasons) > TOLD:
        logger.warning("%d more rows are left out: they cannot be read either", len(reasons) - TOLD)


def _pattern(text: str) -> re.Pattern[str]:
    try:
        return re.compile(text)
    except re.error as error:
        raise UsageError(f"--filter {text!r} is not a regular expression: {error}") from None


def _part(text: str) -> slice | None:
    """Return which tasks ``i/n`` means, every n-th from the i-th on; None for what is no such text."""
    if not (found := re.fullmatch(r"(\d+)/(\d+)", text)):
        return None
    number, parts = int(found[1]), int(found[2])
    if not 1 <= number <= parts:
        raise UsageError(f"--slice {text}: the parts of i/n are 1/{max(parts, 1)} to {max(parts, 1)}/{max(parts, 1)}")
    return slice(number - 1, None, parts)


def _slice(text: str) -> slice:
    if not text:
        return slice(None)
    if not re.fullmatch(r"(-?\d+)?(:(-?\d+)?){0,2}", text):
        raise UsageError(f"--slice {text!r}: write start:stop, e.g. 0:5, or how many, or i/n for a part of n")
    parts = [int(part) if part else None for part in text.split(":")]
    if parts[2:] == [0]:
        raise UsageError(f"--slice {text!r}: a step cannot be 0")
    return slice(*parts)
