"""``BubblewrapSandbox``: the embedded sandbox behind the ``Sandbox`` protocol."""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from types import TracebackType
from typing import Self

from environments.bubblewrap import files
from environments.bubblewrap.command import View
from environments.bubblewrap.diff import tree_diff
from environments.bubblewrap.execution import Order, RefusedError, execute
from environments.bubblewrap.home import Home
from environments.bubblewrap.host_root import HostRoot
from environments.bubblewrap.layers import Stack
from environments.bubblewrap.output import Capture
from environments.bubblewrap.process import CANNOT_START_CODE, Ended, Process
from environments.bubblewrap.skeleton import REPOSITORY
from environments.sandbox import WORKTREE, Limits, Result, SandboxError

_SHARED_MEMORY = 64 << 20
"""Bytes of /dev/shm, at most."""
_NO_LIMIT = 1 << 62
_DIFF_SECONDS = 300.0
_KILLED = 137
_NOTHING = HostRoot(python=Path(), binds={}, links={}, masked=())


@dataclass(frozen=True)
class Tree:
    """The task's repository as it was before any command."""

    repository: Path | None
    head: str | None
    """The one commit; None: HEAD of the repository."""


class BubblewrapSandbox:
    """A stack of copy-on-write layers in which each command runs in a bubblewrap of its own.

    Between commands nothing of it runs: it is a folder. That is why a fork costs two new folders, and why no command
    can touch the next one's output or exit code.
    """

    def __init__(self, home: Home, stack: Stack, view: View, limits: Limits, tree: Tree) -> None:
        """Use ``create``."""
        self._home = home
        self._stack = stack
        self._view = view
        self._limits = limits
        self._tree = tree
        self._lock = threading.RLock()
        self._closing = self._closed = False
        self._full = False
        self._running: Process | None = None

    @classmethod
    def create(
        cls,
        layers: Sequence[Path],
        *,
        binds: Mapping[str, Path] | None = None,
        root: HostRoot | None = None,
        environment: Mapping[str, str] | None = None,
        limits: Limits | None = None,
        run_id: str = "unnamed",
        head: str | None = None,
    ) -> Self:
        """Make a sandbox whose root file system is ``layers``, lowest first.

        Args:
            layers: folders laid over one another at ``/``, never written to: a task's tree (holding ``testbed/``),
                or an unpacked image. Their files must belong to the user who runs Runoff.
            binds: path in the sandbox -> folder or file of the host, shown read-only
                (``SITE_PACKAGES`` -> an environment's packages).
            root: the host's Python (``host_root()``); None where a layer holds a whole root file system.
            environment: variables beside the fixed ones.
            head: the tree's one commit, for ``diff``; by default HEAD of the tree as the layers hold it.
            run_id: labels what lies on the host.

        Raises:
            SandboxError: this host cannot sandbox; the line says what to do.
        """
        limits = limits or Limits()
        root = root or _NOTHING
        home = Home.of(run_id)
        try:
            base = home.base(layers, {**root.binds, **(binds or {})}, root.links)
            stack = home.new_stack(base.layers)
        except BaseException:
            home.leave()
            raise
        mounts = base.mounts | dict.fromkeys(root.masked, home.empty)
        variables = {**root.environment, **(environment or {})}
        view = View(mounts, variables, min(limits.memory // 4, _SHARED_MEMORY), limits.processes)
        return cls(home, stack, view, limits, Tree(base.repository(), head))

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
            return _answer(_KILLED, f"runoff: the sandbox's {self._limits.disk} bytes of disk are used up", "disk")
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

    def read(self, path: str) -> bytes:
        """Return a regular file's bytes; see ``Sandbox.read``."""
        content = bytearray()
        ended = self._execute(Order(files.read_command(path), cwd="/"), _NO_LIMIT, content.extend)
        return files.read_answer(path, ended, bytes(content))

    def write(self, path: str, content: bytes) -> None:
        """Create or replace a file; see ``Sandbox.write``."""
        said = bytearray()
        order = Order(files.write_command(path), cwd="/", stdin=content)
        ended = self._execute(order, self._disk_left, said.extend)
        files.write_answer(path, ended, bytes(said))

    def fork(self) -> Self:
        """Return a new sandbox that starts from this one's file state; see ``Sandbox.fork``."""
        with self._lock:
            self._assert_open()
            self._stack, forked = self._home.fork(self._stack)
            copy = type(self)(self._home, forked, self._view, self._limits, self._tree)
            copy._full = self._full
            return copy

    def diff(self) -> str:
        """Return the tree's unified diff against its one commit; see ``Sandbox.diff``."""
        if self._tree.repository is None:
            raise SandboxError(
                f"no layer of this sandbox holds a git repository at {WORKTREE}: nothing to compare with"
            )
        view = replace(self._view, binds={**self._view.binds, REPOSITORY: self._tree.repository})
        with self._lock:
            self._assert_open()
            with self._home.scratch(self._stack) as scratch:

                def run(words: list[str], env: dict[str, str]) -> tuple[int, bytes]:
                    output = bytearray()
                    order = Order(words, _DIFF_SECONDS, "/", None, env)
                    limits = self._limits
                    ended = execute(order, scratch, view, limits, limits.disk, output.extend, self._now_running)
                    return ended.exit_code, bytes(output)

                return tree_diff(run, self._tree.head)

    def close(self) -> None:
        """End every process and remove every trace on the host; idempotent."""
        self._closing = True
        if self._running:
            self._running.end()
        with self._lock:
            if not self._closed:
                self._closed = True
                self._home.drop(self._stack)

    @property
    def _disk_left(self) -> int:
        return self._limits.disk - sum(layer.size for layer in self._stack.written)

    def _execute(self, order: Order, disk: int, sink: Callable[[bytes], None]) -> Ended:
        with self._lock:
            self._assert_open()
            ended = execute(order, self._stack, self._view, self._limits, disk, sink, self._now_running)
            self._full = self._full or ended.killed == "disk"
            return ended

    def _now_running(self, process: Process) -> None:
        self._running = process
        if self._closing:  # while this one was being started
            process.end()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def _assert_open(self) -> None:
        if self._closed:
            raise SandboxError("this sandbox is closed: make or fork another one")


def _answer(exit_code: int, message: str, killed: str | None = None) -> Result:
    return Result(
        exit_code=exit_code,
        output=message.encode(errors="replace") + b"\n",
        timed_out=False,
        seconds=0.0,
        killed=killed,
    )
