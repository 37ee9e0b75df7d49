"""The contract of a trajectory's own tree: a fork in which it runs commands and edits, every effect on record."""

from __future__ import annotations

from dataclasses import dataclass
from types import TracebackType
from typing import Protocol, Self


@dataclass(frozen=True)
class CommandResult:
    """What one command did."""

    exit_code: int
    output: bytes
    """Both streams, merged; head and tail where it was too long."""
    timed_out: bool
    seconds: float
    killed: str | None = None
    """Why it was ended: ``timeout``, ``memory``, ``disk``; after ``disk`` nothing more runs in this fork."""


class Workspace(Protocol):
    """One live fork of a task's tree, used by one thread; made by `Session.workspace`, dies with its trajectory.

    Paths are relative to the repository's top or absolute inside the sandbox. Every method raises SandboxError where
    the sandbox failed. After a crash its recorded commands run again in a fresh fork; from the first whose outcome
    differs the record is cut, and the trajectory goes on anew from there.
    """

    def run(self, command: str, *, timeout: float) -> CommandResult:
        """Run a shell command at the repository's top; one past its time is killed with all that it started."""
        ...

    def read(self, path: str) -> bytes:
        """Return a file's bytes; FileNotFoundError, IsADirectoryError as Python's own."""
        ...

    def write(self, path: str, content: bytes) -> None:
        """Write a file, folders above it included."""
        ...

    def remove(self, path: str) -> None:
        """Remove a file."""
        ...

    def diff(self) -> str:
        """Return the tree's changes against the task's commit, as `git apply` takes them.

        Raises TreeLost where a command has left no tree to compare; OSError where the changes are too large.
        """
        ...

    def begin_anew(self, patch: str) -> None:
        """Go on in a new fork, of the base with ``patch`` applied: this one is of no more use."""
        ...

    def close(self) -> None:
        """Let the fork go."""
        ...

    def __enter__(self) -> Self: ...

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None: ...
