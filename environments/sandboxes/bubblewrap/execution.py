"""One command in a sandbox, set up at once or ahead of time: its ceilings, its bwrap, its watch."""

from __future__ import annotations

import contextlib
import errno
from collections.abc import Callable
from dataclasses import replace

from environments.sandboxes.bubblewrap import ceilings
from environments.sandboxes.bubblewrap.cgroup import Group
from environments.sandboxes.bubblewrap.command import Descriptors, Surroundings, command_line, variables
from environments.sandboxes.bubblewrap.layers import Stack
from environments.sandboxes.bubblewrap.process import Process
from environments.sandboxes.bubblewrap.watch import Watch
from environments.sandboxes.contract import Limits, SandboxError
from environments.sandboxes.looks.disk import disk_use_at_rest
from environments.sandboxes.looks.host import assert_room
from environments.sandboxes.order import Ended, Order, RefusedError, assert_possible


class Prepared:
    """One command over a stack, whose sandbox is being set up or stands; ``run`` or ``drop`` must follow."""

    def __init__(self, order: Order, stack: Stack, view: Surroundings, limits: Limits) -> None:
        """Start to set up, without waiting for it.

        Args:
            order: what to run; of its input only whether there will be one, and its timeout not yet.
            stack: the layers it sees and writes to.
            view: what else it sees.
            limits: its ceilings, but for the disk.

        Raises:
            RefusedError: there can be no such command.
            SandboxError: the sandbox could not be set up.
        """
        self._order, self._stack, self._limits = order, stack, limits
        with contextlib.ExitStack() as held:
            self._group = held.enter_context(ceilings.group_for(limits))
            self._process = _start(order, stack, view, limits, self._group)
            self._held = held.pop_all()

    def fits(self, order: Order) -> bool:
        """Say whether this is the order's command."""
        mine = self._order
        same_input = (mine.stdin is None) == (order.stdin is None)
        return same_input and (mine.words, mine.folder, mine.env) == (order.words, order.folder, order.env)

    def run(self, order: Order, disk: int, sink: Callable[[bytes], None], started: Callable[[Process], None]) -> Ended:
        """Run the command.

        Args:
            order: one that ``fits``.
            disk: bytes that may lie in the stack's upper folder.
            sink: gets the output as it comes.
            started: gets the process, to end it from outside.

        Raises:
            MachineShort: the host ran short of disk or memory meanwhile, whoever took it.
            SandboxError: the sandbox could not be set up.
        """
        group, upper = self._group, self._stack.upper
        with self._held, group.peak() if group else contextlib.nullcontext(lambda: None) as most:
            kills = group.oom_kills() if group else 0
            ooms = group.ooms() if group else 0

            def oom_killed() -> bool:
                return group is not None and group.oom_kills() > kills

            memory = None if group else self._limits.memory
            started(self._process)
            ended = self._process.run(order.stdin, order.timeout, Watch(upper, disk, memory, oom_killed), sink)
            if not ended.killed and ended.exit_code and oom_killed():
                ended = replace(ended, killed="memory")
            ended = replace(ended, peak_memory=most())
            if ended.killed == "memory" and group and not group.came_to_limit(ended.peak_memory, ooms):
                ended = replace(ended, short="memory")  # the kernel chose it though it kept to its own limit
        if ended.signal and not ended.killed:
            raise SandboxError(f"a sandbox was ended from outside, by signal {ended.signal}: that is no outcome")
        if ended.killed is None and disk_use_at_rest(upper) > disk:
            # It wrote too much between two looks; what it answered came after its end.
            return replace(ended, killed="disk")
        assert_room(upper)
        return ended

    def drop(self) -> None:
        """End the sandbox without having run the command."""
        with self._held:
            self._process.discard()


def _start(order: Order, stack: Stack, view: Surroundings, limits: Limits, group: Group | None) -> Process:
    assert_possible(order.words, variables(view, order))
    if not stack.upper.is_dir():
        raise SandboxError(
            f"a sandbox's folder is gone ({stack.upper}): it was removed, or had expired for `runoff clean`"
        )

    def build(fds: Descriptors) -> list[bytes]:
        return command_line(stack, view, order, fds)

    def prepare(pid: int) -> None:
        ceilings.apply(pid, limits)
        if group:
            group.adopt(pid)

    try:
        spawning = group.spawning if group else contextlib.nullcontext
        return Process(build, order.stdin is not None, spawning, prepare, limits.start_seconds)
    except OSError as error:
        if error.errno == errno.E2BIG:
            raise RefusedError("argument list too long: write it to a file and run that") from error
        raise SandboxError(f"cannot start bubblewrap: {error}") from error
