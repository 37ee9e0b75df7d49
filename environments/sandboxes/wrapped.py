"""A sandbox over another one: every method passes through, within what a subclass lays around it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import AbstractContextManager, nullcontext
from types import TracebackType
from typing import Self

from environments.sandboxes.contract import WORKTREE, Result, Sandbox, Taken


class WrappedSandbox:
    """The ``Sandbox`` protocol over another sandbox."""

    def __init__(self, sandbox: Sandbox) -> None:
        self._sandbox = sandbox

    def _around(self) -> AbstractContextManager[None]:
        """Return what every call passes through."""
        return nullcontext()

    def run(
        self,
        command: str | Sequence[str],
        *,
        timeout: float = 60.0,
        cwd: str = WORKTREE,
        stdin: bytes | None = None,
        env: Mapping[str, str] | None = None,
    ) -> Result:
        """Run a command; see ``Sandbox.run``."""
        with self._around():
            return self._sandbox.run(
                self._words(command), timeout=timeout, cwd=cwd, stdin=stdin, env=self._variables(env)
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
        with self._around():
            self._sandbox.prepare(self._words(command), cwd=cwd, stdin=stdin, env=self._variables(env))

    def _words(self, command: str | Sequence[str]) -> str | Sequence[str]:
        """Return what is run for a command."""
        return command

    def _variables(self, env: Mapping[str, str] | None) -> Mapping[str, str] | None:
        """Return a command's environment variables."""
        return env

    def read(self, path: str) -> bytes:
        """Return a file's bytes; see ``Sandbox.read``."""
        with self._around():
            return self._sandbox.read(path)

    def write(self, path: str, content: bytes) -> None:
        """Write a file; see ``Sandbox.write``."""
        with self._around():
            self._sandbox.write(path, content)

    def fork(self) -> Self:
        """Fork the other one, wrapped likewise; see ``Sandbox.fork``."""
        with self._around():
            return self._again(self._sandbox.fork())

    def _again(self, sandbox: Sandbox) -> Self:
        """Wrap a fork."""
        return type(self)(sandbox)

    def diff(self) -> str:
        """Return the tree's changes; see ``Sandbox.diff``."""
        with self._around():
            return self._sandbox.diff()

    def taken(self) -> Taken:
        """Return what commands took; see ``Sandbox.taken``."""
        return self._sandbox.taken()

    def close(self) -> None:
        """Close the other one; see ``Sandbox.close``."""
        with self._around():
            self._sandbox.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()
