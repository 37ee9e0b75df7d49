"""The ceilings of one command, for root and for an ordinary user alike.

Per process, for both: CPU time, file size, open files, no core dumps (rlimits). Over all of a sandbox's processes: as
root, control groups, for the kernel exempts root's user from RLIMIT_NPROC; as an ordinary user, RLIMIT_NPROC, which
counts per user namespace and is set inside it, and memory that is sampled.
"""

from __future__ import annotations

import contextlib
import os
import resource
from collections.abc import Iterator

from environments.sandboxes.bubblewrap.cgroup import Group, groups
from environments.sandboxes.contract import Limits, SandboxError

_OPEN_FILES = 1024


@contextlib.contextmanager
def group_for(limits: Limits) -> Iterator[Group | None]:
    """Lend a control group; None for an ordinary user who may not make one.

    Raises:
        SandboxError: as root without control groups nothing would bound the processes.
    """
    available = groups()
    if available is None:
        if os.getuid() == 0:
            raise SandboxError("as root, sandboxes need writable control groups (memory, pids): use an ordinary user")
        yield None
        return
    with contextlib.ExitStack() as held:
        try:
            group = held.enter_context(available.lease(limits))
        except OSError as error:
            raise SandboxError(f"cannot use a control group: {error}") from error
        yield group


def apply(pid: int, limits: Limits) -> None:
    """Put the per-process ceilings on a process that waits at its gate."""
    ceilings = {
        # At the soft limit SIGXCPU, which says why; who ignores it is killed a second later.
        resource.RLIMIT_CPU: (limits.cpu_seconds, limits.cpu_seconds + 1),
        resource.RLIMIT_FSIZE: (limits.file_size, limits.file_size),
        resource.RLIMIT_CORE: (0, 0),
        resource.RLIMIT_NOFILE: (_OPEN_FILES, _OPEN_FILES),
        # What one process can take between two samples of an ordinary user's memory.
        resource.RLIMIT_DATA: (2 * limits.memory, 2 * limits.memory),
    }
    for kind, (soft, hard) in ceilings.items():
        _, highest = resource.prlimit(pid, kind)
        if highest != resource.RLIM_INFINITY:
            soft, hard = min(soft, highest), min(hard, highest)
        resource.prlimit(pid, kind, (soft, hard))
