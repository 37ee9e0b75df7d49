"""The contract of a sandbox: one live, isolated, disposable copy of an environment."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from types import TracebackType
from typing import Literal, Protocol, Self

from pydantic import BaseModel, ConfigDict

from environments.errors import Foreseen

_SHORT = {
    "memory": "the machine ran out of memory and ended a sandbox's processes: run fewer workers (-w) or free memory",
    "disk": "the machine's disk is full, which ended a sandbox's command: free some, or set RUNOFF_STATE to another",
}

WORKTREE = "/testbed"
"""Where the task's tree stands in every sandbox; the default working directory of a command."""


class SandboxError(Foreseen):
    """The sandbox itself failed (never: a command in it did). One clear line that says what to do."""

    fault: str = "sandbox"
    """What failed, in a word, for counts: ``sandbox``, ``engine``, ``start``, ``memory``, ``disk``, ``pull``."""


class MachineShort(SandboxError):
    """This machine lacks memory or disk and ended a command, or begins none: that is no outcome."""

    def __init__(self, fault: Literal["memory", "disk"], message: str = "") -> None:
        super().__init__(message or _SHORT[fault])
        self.fault = fault


class StartLate(SandboxError):
    """A sandbox was not set up in its time: the machine is busy, or out of order."""

    fault = "start"


class TreeLost(SandboxError):
    """A command has left a tree that git cannot compare with its commit: it is gone, or cannot be read any more."""


class UnreadableFile(SandboxError):
    """A command has left something in a file's place that cannot be read whole: it is endless, or too large."""


class Limits(BaseModel):
    """Ceilings of one sandbox; sizes in bytes, times in seconds."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    memory: int = 1 << 30
    processes: int = 128
    cpu_seconds: int = 300
    """CPU time of one process of one command."""
    output: int = 256 * 1024
    """Bytes of merged output kept per command: head and tail, the cut named between them."""
    file_size: int = 64 << 20
    disk: int = 256 << 20
    """Bytes written to the sandbox over its life."""
    start_seconds: float = 300.0
    """Wall seconds to set up what a command runs in: no command's own time."""


class Result(BaseModel):
    """What one command did."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    exit_code: int
    """The command's own exit code as the kernel reported it; 128 + signal when one ended it; 124 on timeout."""
    output: bytes
    """stdout and stderr merged, capped by ``Limits.output``."""
    timed_out: bool
    seconds: float
    killed: str | None = None
    """Why Runoff or the kernel ended it: ``timeout``, ``memory``, ``disk``; None when it ended by itself."""

    @property
    def text(self) -> str:
        """The output as text; undecodable bytes are shown as replacement characters."""
        return self.output.decode("utf-8", errors="replace")


class Taken(BaseModel):
    """What the commands of a sandbox and of its forks took of the machine."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    commands: int = 0
    core_seconds: float | None = None
    """CPU time; None where nobody measured it (containers)."""
    peak_memory: int | None = None
    """Bytes of the one command that took most, page cache included; None where nobody measured it."""


class Sandbox(Protocol):
    """A context manager; safe to use from any thread, one command at a time."""

    def run(
        self,
        command: str | Sequence[str],
        *,
        timeout: float = 60.0,
        cwd: str = WORKTREE,
        stdin: bytes | None = None,
        env: Mapping[str, str] | None = None,
    ) -> Result:
        """Run a bash command line (str) or an argument vector; never raises for what the command does.

        Every process that the command leaves behind is ended before this returns.
        """
        ...

    def prepare(
        self,
        command: str | Sequence[str],
        *,
        cwd: str = WORKTREE,
        stdin: bool = False,
        env: Mapping[str, str] | None = None,
    ) -> None:
        """Say that this command will be the next one: what can be set up before its time is set up now.

        ``stdin``: it will be given an input. A hint only: ``run`` does the same after it, or without it, and so does
        every other method.
        """
        ...

    def read(self, path: str) -> bytes:
        """Return a regular file's bytes (absolute path, or relative to WORKTREE).

        Symbolic links are resolved inside the sandbox only. FileNotFoundError when there is no such file;
        UnreadableFile where a link leads to one without end, or it is too large.
        """
        ...

    def write(self, path: str, content: bytes) -> None:
        """Create or replace a file, with its parent folders; links are never followed out of the sandbox."""
        ...

    def fork(self) -> Self:
        """Return a new sandbox that starts from this one's file state.

        Both go on writing and neither ever sees the other, however deep the chain of forks.
        """
        ...

    def diff(self) -> str:
        """Return the tree's unified diff against its one commit: staged, unstaged and new files, ignored ones not."""
        ...

    def taken(self) -> Taken:
        """Return what the commands of this sandbox, of its forks and of what it was forked from have taken so far."""
        ...

    def close(self) -> None:
        """End every process and remove every trace on the host. Idempotent."""
        ...

    def __enter__(self) -> Self: ...

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None: ...
