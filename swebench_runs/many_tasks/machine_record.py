"""What a task took of the machine, and what the machine failed it with: events of its log, which the report adds up."""

from __future__ import annotations

import errno
import logging
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from environments.sandboxes.contract import Sandbox, SandboxError
from swebench_runs.run_folder.task_folder import TaskFolder

_log = logging.getLogger(__name__)

TAKEN = "taken"
"""The event of what one sitting of a task took."""
FAULT = "machine_fault"
"""The event of a fault, told apart by a word."""
_FULL = (errno.ENOSPC, errno.EDQUOT)


@contextmanager
def measured(folder: TaskFolder, base: Sandbox) -> Iterator[None]:
    """Record at the block's end, however it ends, what the commands of a task's sandboxes took.

    ``own_seconds`` beside it is the CPU time of this process meanwhile: other tasks' too where several are at once.
    """
    before = time.process_time()
    try:
        yield
    finally:
        _record(folder, TAKEN, **base.taken().model_dump(), own_seconds=round(time.process_time() - before, 3))


@contextmanager
def on_record(folder: TaskFolder) -> Iterator[None]:
    """Record what the machine fails the block with; it is raised all the same."""
    try:
        yield
    except (SandboxError, OSError) as error:
        _record(folder, FAULT, fault=fault_of(error), reason=str(error))
        raise


def _record(folder: TaskFolder, event: str, **fields: Any) -> None:
    """Append to the log; a disk without room for it must not take the place of the failure that it tells of."""
    try:
        folder.event(event, **fields)
    except OSError as error:
        _log.warning("%s: %s could not be put on record: %s", folder.id, event, error)


def fault_of(error: SandboxError | OSError) -> str:
    """Return what failed in a word: ``memory``, ``disk``, ``engine``, ``start``, ``pull``, ``sandbox``, ``system``."""
    if isinstance(error, SandboxError):
        return error.fault
    return "disk" if error.errno in _FULL else "system"
