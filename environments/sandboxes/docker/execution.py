"""One command in a container: started by the engine, watched from here, ended with all that it left behind."""

from __future__ import annotations

import contextlib
import time
from collections.abc import Callable, Iterable, Sequence
from typing import Any

from environments.sandboxes.contract import MachineShort, SandboxError
from environments.sandboxes.docker.container import Container
from environments.sandboxes.docker.disk import Disk
from environments.sandboxes.docker.engine import engine_errors
from environments.sandboxes.docker.frames import Frames
from environments.sandboxes.docker.hijack import RefusedStreamError, start_exec
from environments.sandboxes.docker.pump import Pump
from environments.sandboxes.order import CANNOT_START_CODE, KILLED_CODE, TIMEOUT_CODE, Ended, Order, RefusedError

_ENTER = '[ -d "$HOME" ] || mkdir -p "$HOME"; cd -- "$1" || exit 126; shift; exec "$@" 2>&1'
_FED = 'count=$1; shift; exec "$@" < <(exec head -c "$count")'
_PATIENCE = 20.0
"""Seconds for killed processes to be gone."""
_LATE_NEWS = 1.0
"""Seconds that the news of a memory kill may take after the command's end."""


class StoppedError(Exception):
    """The container's process 1 has ended since it was started: start it again."""


class Watch:
    """Looks, while a command runs, at what no hard limit covers."""

    def __init__(self, container: Container, disk: Disk, most: int, wake: int) -> None:
        """Look from now on.

        Args:
            container: where the command will run.
            disk: counts what its layer takes.
            most: bytes that may lie there.
            wake: a descriptor that becomes readable when the sandbox is being closed.
        """
        self.disk, self.most, self.wake = disk, most, wake
        self._container = container
        self._kills = container.engine.out_of_memory.kills(container.id)
        self._pace = disk.pace(most)

    def verdict(self) -> str | None:
        """Return why the command must end: ``memory``, ``disk``; None: it may go on. Raises MachineShort."""
        if self._container.engine.out_of_memory.kills(self._container.id) > self._kills:
            return "memory"
        if self._pace.is_due(self.disk.written):
            began = time.monotonic()
            with self.disk.at_a_stand() if self._pace.hurried else contextlib.nullcontext():
                written, used = self.disk.written(), self.disk.use(self.most)
            if used > self.most:
                return "disk"
            self.disk.assert_room()
            self._pace.counted(self.most - used, began, written)
        return None

    @property
    def next(self) -> float:
        """When to ask for a verdict again, by ``time.monotonic``."""
        return self._pace.next

    def late_memory_kill(self) -> bool:
        """Tell of a killed command whether the kernel did it for want of memory; the news may come after the end."""
        return self._container.engine.out_of_memory.wait(self._container.id, self._kills, _LATE_NEWS)


def execute(order: Order, container: Container, watch: Watch, sink: Callable[[bytes], None]) -> Ended:
    """Run one command in a started container; ``sink`` gets the output as it comes.

    Raises:
        StoppedError: the container no longer runs.
        MachineShort: the host ran short of disk or memory meanwhile, whoever took it.
        SandboxError: the engine failed, or what the command left cannot be ended.
    """
    started = time.monotonic()
    frames = Frames(sink)
    exec_id = _create(order, container)
    try:
        stream = start_exec(container.engine, exec_id)
    except RefusedStreamError as error:
        sink(f"{error}\n".encode(errors="replace"))
        return Ended(_exit_code(container, exec_id) or CANNOT_START_CODE, None, time.monotonic() - started)
    with stream.socket:
        frames.feed(stream.opening)
        pump = Pump(stream, order.stdin, frames.feed)
        try:
            killed = pump.run(started + order.timeout, watch, lambda: _runs(container, exec_id))
        except MachineShort:
            end_all(container)
            raise
        code = KILLED_CODE if killed else _exit_code(container, exec_id)
        if code == KILLED_CODE and killed is None and watch.late_memory_kill():
            killed = "memory"
        end_all(container)
        seconds = time.monotonic() - started
        pump.drain(_PATIENCE)
    frames.close()
    if killed is None and watch.disk.use_at_rest() > watch.most:
        killed = "disk"  # it wrote too much between two looks
        code = KILLED_CODE
    if killed is None:
        watch.disk.assert_room()
    return Ended(TIMEOUT_CODE if killed == "timeout" else code, None if killed == "closed" else killed, seconds)


def end_all(container: Container) -> None:
    """End everything in a container but its process 1: by a command, or, where that was undone, by a restart.

    Raises:
        SandboxError: something outlives it.
    """
    if not container.others():
        return
    with contextlib.suppress(SandboxError):
        with engine_errors("end the processes of a container"):
            made = container.engine.api.exec_create(
                container.id, ["/bin/sh", "-c", "kill -9 -1"], user=container.settings.user
            )
            container.engine.api.exec_start(made["Id"], detach=True)
        if _alone(container, _PATIENCE / 4):
            return
    container.kill()
    deadline = time.monotonic() + _PATIENCE
    while container.runs():
        if time.monotonic() > deadline:
            raise SandboxError(f"container {container.id[:12]} outlives being killed: the engine is out of order")
        time.sleep(0.01)


def _alone(container: Container, seconds: float) -> bool:
    deadline = time.monotonic() + seconds
    while container.others():
        if time.monotonic() > deadline:
            return False
        time.sleep(0.01)
    return True


def _create(order: Order, container: Container) -> str:
    from docker.errors import APIError

    words = ["/bin/sh", "-c", _ENTER, "sh", order.folder, *order.words]
    if order.stdin is not None and container.engine.tls:
        words = ["/bin/bash", "-c", _FED, "bash", str(len(order.stdin)), *words]
    settings = container.settings
    variables = {**settings.variables, **order.env}
    if not _is_utf8(variables.values()):
        raise RefusedError("not a command for a container: a variable's value is not UTF-8")
    with engine_errors("bring a command in"):
        try:
            made = container.engine.api.exec_create(
                container.id,
                words if _is_utf8(words) else _escaped(words),
                stdin=order.stdin is not None,
                user=settings.user,
                environment=variables,
                workdir="/",
            )
        except APIError as error:
            if error.response.status_code == 409 and not container.runs():
                raise StoppedError from error
            raise
    return str(made["Id"])


def _is_utf8(words: Iterable[str]) -> bool:
    """Tell whether an engine's JSON can carry the words; of other bytes it would make question marks."""
    return not any("\ud800" <= character <= "\udfff" for word in words for character in word)


def _escaped(words: Sequence[str]) -> list[str]:
    quoted = ("".join(f"\\{byte:03o}" for byte in word.encode("utf-8", "surrogateescape")) for word in words)
    return ["/bin/bash", "-c", "exec " + " ".join(f"$'{word}'" for word in quoted)]


def _runs(container: Container, exec_id: str) -> bool:
    return bool(_state(container, exec_id)["Running"])


def _exit_code(container: Container, exec_id: str) -> int:
    """Return the exit code as the engine knows it; a command's own word does not count."""
    code = _state(container, exec_id)["ExitCode"]
    return KILLED_CODE if code is None else int(code)


def _state(container: Container, exec_id: str) -> dict[str, Any]:
    from docker.errors import APIError

    with engine_errors("look at a command"):
        try:
            return dict(container.engine.api.exec_inspect(exec_id))
        except APIError as error:
            if error.response.status_code not in (404, 409):
                raise
            return {"Running": False, "ExitCode": None}  # the container ended, and took its commands along
