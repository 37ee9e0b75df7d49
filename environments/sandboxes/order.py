"""One command for a sandbox, and how it ended: the same words for every kind of sandbox."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal

from environments.sandboxes.contract import WORKTREE

TIMEOUT_CODE = 124
CANNOT_START_CODE = 126
"""What a shell answers for a program that it cannot start."""
KILLED_CODE = 137
_LONGEST_WORD = (128 << 10) - 1
"""Bytes of one argument that a Linux kernel takes (MAX_ARG_STRLEN, less the NUL)."""


class RefusedError(Exception):
    """The kernel could not start such a command (too long, a NUL in it); the sandbox is well."""


@dataclass(frozen=True)
class Order:
    """What to run; see ``environments.sandboxes.contract.Sandbox.run``."""

    command: str | Sequence[str]
    timeout: float = 60.0
    cwd: str = WORKTREE
    stdin: bytes | None = None
    env: Mapping[str, str] = field(default_factory=dict)

    @property
    def words(self) -> list[str]:
        """The argument vector: a command line is bash's."""
        return ["bash", "-c", self.command] if isinstance(self.command, str) else list(self.command)

    @property
    def folder(self) -> str:
        """The working folder as an absolute path."""
        return absolute(self.cwd)


@dataclass(frozen=True)
class Ended:
    """How a command ended; see ``environments.sandboxes.contract.Result``."""

    exit_code: int
    killed: str | None
    seconds: float
    short: Literal["memory", "disk"] | None = None
    """What the machine, not the sandbox, ran out of when it was ended."""
    core_seconds: float | None = None
    """CPU time of all its processes; None: not measured."""
    peak_memory: int | None = None
    """Bytes at most, page cache included; None: not measured."""
    signal: int = 0
    """What ended the sandbox itself, by no order of ours: nothing in it can do that."""


def absolute(path: str) -> str:
    """Return a path of the sandbox as an absolute one."""
    return path if path.startswith("/") else f"{WORKTREE}/{path}"


def assert_possible(words: Sequence[str], environment: Mapping[str, str]) -> None:
    """Raise RefusedError for what no kernel takes as an argument vector and environment."""
    for name in environment:
        if not name or "=" in name:
            raise RefusedError(f"not a command: {name!r} cannot be the name of a variable")
    for word in (*words, *(f"{name}={value}" for name, value in environment.items())):
        try:
            encoded = word.encode("utf-8", "surrogateescape")
        except UnicodeEncodeError as error:
            raise RefusedError(f"not a command: {error}") from error
        if b"\0" in encoded:
            raise RefusedError("not a command: it holds a NUL byte")
        if len(encoded) > _LONGEST_WORD:
            raise RefusedError("argument list too long: write it to a file and run that")
