"""One command in a sandbox: its ceilings, its bwrap, its watch."""

from __future__ import annotations

import contextlib
import errno
from collections.abc import Callable
from dataclasses import replace

from environments.bubblewrap import ceilings
from environments.bubblewrap.cgroup import Group
from environments.bubblewrap.command import Descriptors, View, command_line, variables
from environments.bubblewrap.layers import Stack
from environments.bubblewrap.process import Process
from environments.bubblewrap.watch import Watch, disk_use_at_rest
from environments.order import Ended, Order, RefusedError, assert_possible
from environments.sandbox import Limits, SandboxError


def execute(
    order: Order,
    stack: Stack,
    view: View,
    limits: Limits,
    disk: int,
    sink: Callable[[bytes], None],
    started: Callable[[Process], None],
) -> Ended:
    """Run one command over a stack.

    Args:
        order: what to run.
        stack: the layers it sees and writes to.
        view: what else it sees.
        limits: its ceilings, but for the disk.
        disk: bytes that may lie in the stack's upper folder.
        sink: gets the output as it comes.
        started: gets the process, to end it from outside.

    Raises:
        RefusedError: there can be no such command.
        SandboxError: the sandbox could not be set up.
    """
    with ceilings.group_for(limits) as group:
        kills = group.oom_kills() if group else 0

        def oom_killed() -> bool:
            return group is not None and group.oom_kills() > kills

        memory = None if group else limits.memory
        process = _start(order, stack, view, limits, group)
        started(process)
        ended = process.wait(order.timeout, Watch(stack.upper, disk, memory, oom_killed), sink)
        if not ended.killed and ended.exit_code and oom_killed():
            ended = replace(ended, killed="memory")
    if ended.killed is None and disk_use_at_rest(stack.upper) > disk:
        # It wrote too much between two looks; what it answered came after its end.
        ended = replace(ended, killed="disk")
    return ended


def _start(order: Order, stack: Stack, view: View, limits: Limits, group: Group | None) -> Process:
    assert_possible(order.words, variables(view, order))

    def build(fds: Descriptors) -> list[bytes]:
        return command_line(stack, view, order, fds)

    def prepare(pid: int) -> None:
        ceilings.apply(pid, limits)
        if group:
            group.adopt(pid)

    try:
        return Process(build, order.stdin, group.spawning if group else contextlib.nullcontext, prepare)
    except OSError as error:
        if error.errno == errno.E2BIG:
            raise RefusedError("argument list too long: write it to a file and run that") from error
        raise SandboxError(f"cannot start bubblewrap: {error}") from error
