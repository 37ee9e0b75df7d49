"""``BubblewrapSandbox``: the embedded sandbox behind the ``Sandbox`` protocol."""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from types import TracebackType
from typing import Self

from environments.bubblewrap import files
from environments.bubblewrap.command import View, command_line
from environments.bubblewrap.home import Home
from environments.bubblewrap.host_root import HostRoot
from environments.bubblewrap.layers import Stack
from environments.bubblewrap.output import Capture
from environments.bubblewrap.process import Ended, Process
from environments.sandbox import WORKTREE, Limits, Result, SandboxError


class BubblewrapSandbox:
    """A stack of copy-on-write layers in which each command runs in a bubblewrap of its own.

    Between commands nothing of it runs: it is a folder. That is why a fork costs two new folders, and why no command
    can touch the next one's output or exit code.
    """

    def __init__(self, home: Home, stack: Stack, view: View, limits: Limits, head: str | None) -> None:
        """Use ``create``."""
        self._home = home
        self._stack = stack
        self._view = view
        self._limits = limits
        self._head = head
        self._lock = threading.RLock()
        self._closed = False

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
        home = Home.of(run_id)
        shown = {**(root.binds if root else {}), **(binds or {})}
        skeleton = home.skeleton(shown, root)
        stack = home.new_stack([skeleton, *home.base_layers(layers)])
        shown |= dict.fromkeys(root.masked if root else (), home.empty)
        variables = {**(root.environment if root else {}), **(environment or {})}
        view = View(shown, variables, shared_memory=min(limits.memory // 4, 64 << 20))
        return cls(home, stack, view, limits, head)

    def run(
        self,
        command: str | Sequence[str],
        *,
        timeout: float = 60.0,
        cwd: str = WORKTREE,
        stdin: bytes | None = None,
        env: Mapping[str, str] | None = None,
    ) -> Result:
        """Run a bash command line or an argument vector; see ``Sandbox.run``."""
        capture = Capture(self._limits.output)
        try:
            ended = self._execute(command, timeout, cwd, stdin, env or {}, capture.feed)
        except ValueError as error:
            return _refused(f"runoff: {error}")
        return Result(
            exit_code=ended.exit_code,
            output=capture.result(),
            timed_out=ended.killed == "timeout",
            seconds=ended.seconds,
            killed=ended.killed,
        )

    def _execute(
        self,
        command: str | Sequence[str],
        timeout: float,
        cwd: str,
        stdin: bytes | None,
        env: Mapping[str, str],
        sink: Callable[[bytes], None],
    ) -> Ended:
        with self._lock:
            self._assert_open()
            process = Process(
                lambda fds: command_line(self._stack, self._view, command, cwd, env, fds),
                stdin,
                lambda pid: None,
            )
            return process.wait(timeout, lambda pid: None, sink)

    def read(self, path: str) -> bytes:
        """Return a regular file's bytes; see ``Sandbox.read``."""
        content = bytearray()
        ended = self._execute(files.read_command(path), 60.0, "/", None, {}, content.extend)
        return files.read_answer(path, ended.exit_code, bytes(content))

    def write(self, path: str, content: bytes) -> None:
        """Create or replace a file; see ``Sandbox.write``."""
        said = bytearray()
        ended = self._execute(files.write_command(path), 60.0, "/", content, {}, said.extend)
        files.write_answer(path, ended.exit_code, bytes(said))

    def fork(self) -> Self:
        """Return a new sandbox that starts from this one's file state; see ``Sandbox.fork``."""
        with self._lock:
            self._assert_open()
            self._stack, forked = self._home.fork(self._stack)
            return type(self)(self._home, forked, self._view, self._limits, self._head)

    def diff(self) -> str:
        """Return the tree's unified diff against its one commit; see ``Sandbox.diff``."""
        result = self.run("git add -A && git -c core.quotepath=off diff --cached --binary --no-renames HEAD")
        return result.text

    def close(self) -> None:
        """Remove every trace on the host; idempotent."""
        with self._lock:
            if not self._closed:
                self._closed = True
                self._home.drop(self._stack)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def _assert_open(self) -> None:
        if self._closed:
            raise SandboxError("this sandbox is closed: make or fork another one")


def _refused(message: str) -> Result:
    """Answer as a shell does that cannot start a program."""
    return Result(exit_code=126, output=message.encode(errors="replace") + b"\n", timed_out=False, seconds=0.0)
