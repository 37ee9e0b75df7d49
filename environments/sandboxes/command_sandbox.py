"""What all kinds of sandbox do alike: commands, files and the end, over one way to execute an order."""

from __future__ import annotations

import contextlib
import threading
from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping, Sequence
from types import TracebackType
from typing import Self

from environments.sandboxes import file_commands
from environments.sandboxes.contract import WORKTREE, Limits, MachineShort, Result, SandboxError, Taken
from environments.sandboxes.meter import Meter
from environments.sandboxes.order import CANNOT_START_CODE, KILLED_CODE, Ended, Order, RefusedError
from environments.sandboxes.output import Capture

_NO_LIMIT = 1 << 62


class CommandSandbox(ABC):
    """The ``Sandbox`` protocol, but for forks, diffs and how a command is run."""

    def __init__(self, limits: Limits) -> None:
        self._limits = limits
        self._lock = threading.RLock()
        self._closing = self._closed = False
        self._meter = Meter()
        self._full = False

    @abstractmethod
    def _execute_open(self, order: Order, disk: int, sink: Callable[[bytes], None]) -> Ended:
        """Run an order, one at a time; ``disk``: bytes that may lie in the sandbox's own layer.

        Raises RefusedError where there can be no such command and SandboxError where the sandbox failed.
        """

    @abstractmethod
    def _prepare_open(self, order: Order) -> None:
        """Set up for an order what can be set up ahead of it. Raises as ``_execute_open`` does."""

    @property
    @abstractmethod
    def _disk_left(self) -> int:
        """Bytes that may lie in the sandbox's own layer."""

    @abstractmethod
    def close(self) -> None:
        """End every process and remove every trace on the host; see ``Sandbox.close``."""

    def run(
        self,
        command: str | Sequence[str],
        *,
        timeout: float = 60.0,
        cwd: str = WORKTREE,
        stdin: bytes | None = None,
        env: Mapping[str, str] | None = None,
    ) -> Result:
        """Run a bash command line or an argument vector; see ``Sandbox.run``.

        A sandbox that has used up its disk runs nothing more: every answer is ``killed="disk"``. Its files can still
        be read and compared.
        """
        if self._full:
            return _answer(KILLED_CODE, f"runoff: the sandbox's {self._limits.disk} bytes of disk are used up", "disk")
        capture = Capture(self._limits.output)
        try:
            ended = self._execute(Order(command, timeout, cwd, stdin, env or {}), self._disk_left, capture.feed)
        except RefusedError as error:
            return _answer(CANNOT_START_CODE, f"runoff: {error}")
        return Result(
            exit_code=ended.exit_code,
            output=capture.result(),
            timed_out=ended.killed == "timeout",
            seconds=ended.seconds,
            killed=ended.killed,
        )

    def prepare(
        self,
        command: str | Sequence[str],
        *,
        cwd: str = WORKTREE,
        stdin: bool = False,
        env: Mapping[str, str] | None = None,
    ) -> None:
        """Set up for the next command; see ``Sandbox.prepare``."""
        with self._lock:
            self._assert_open()
            if not self._full:
                # What cannot be run is answered when it is.
                with contextlib.suppress(RefusedError):
                    self._prepare_open(Order(command, cwd=cwd, stdin=b"" if stdin else None, env=env or {}))

    def taken(self) -> Taken:
        """Return what commands took, here and in all forks; see ``Sandbox.taken``."""
        return self._meter.total()

    def read(self, path: str) -> bytes:
        """Return a regular file's bytes; see ``Sandbox.read``."""
        content = bytearray()
        ended = self._execute(Order(file_commands.read_command(path), cwd="/"), _NO_LIMIT, content.extend)
        return file_commands.read_answer(path, ended, bytes(content))

    def write(self, path: str, content: bytes) -> None:
        """Create or replace a file; see ``Sandbox.write``."""
        said = bytearray()
        order = Order(file_commands.write_command(path), cwd="/", stdin=content)
        ended = self._execute(order, self._disk_left, said.extend)
        file_commands.write_answer(path, ended, bytes(said))

    def _execute(self, order: Order, disk: int, sink: Callable[[bytes], None]) -> Ended:
        with self._lock:
            self._assert_open()
            ended = self._execute_open(order, disk, sink)
            self._meter.add(ended)
            if ended.short:
                raise MachineShort(ended.short)
            self._full = self._full or ended.killed == "disk"
            return ended

    def _assert_open(self) -> None:
        if self._closed:
            raise SandboxError("this sandbox is closed: make or fork another one")

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


def _answer(exit_code: int, message: str, killed: str | None = None) -> Result:
    return Result(
        exit_code=exit_code,
        output=message.encode(errors="replace") + b"\n",
        timed_out=False,
        seconds=0.0,
        killed=killed,
    )
