"""A `Workspace` whose every effect is a step of its trajectory's journal, done again in a new fork after a crash."""

from __future__ import annotations

import base64
import errno
import hashlib
import os
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from math import inf
from types import TracebackType
from typing import Any, Self

from agent.trajectory.journal import Journal
from agent.trajectory.on_interrupt import ended_on
from agent.trajectory.same_output import difference
from agent.trajectory.workspace import CommandResult
from environments.observed import part
from environments.sandboxes.contract import WORKTREE, Result, SandboxError, TreeLost
from environments.workbench.forks.live_fork import LiveFork

Json = dict[str, Any]

_GRACE = 5.0
"""Seconds beyond the last change of a file that a command which ran into its time is waited for again."""


@dataclass
class RecordedWorkspace:
    """See `agent.trajectory.workspace.Workspace`; made by `Session.workspace`.

    A file's content is on record once, whoever reads it how often: a later read names it by its hash. What is written
    is on record by its hash alone, for it follows from the answers before. The record of a trajectory that is over is
    replayed without a fork.
    """

    journal: Journal
    fork: LiveFork
    number: int
    """Which of its trajectory's workspaces it is."""
    check: Callable[[bool], None]
    """Raises where nothing more shall be started; told whether it was begun in an earlier sitting."""
    interrupt: threading.Event
    """Ends the command under way."""
    took: Callable[[float], None]
    """Is given the seconds of each command."""
    left: Callable[[], float]
    """Seconds that the trajectory has left."""
    _shown: set[str] = field(default_factory=set)
    _contents: dict[str, bytes] = field(default_factory=dict)
    """Of a trajectory that is over: the contents by their hashes."""
    _diff: str | None = None
    """The tree's changes, while nothing was done to it since they were read."""

    def run(self, command: str, *, timeout: float) -> CommandResult:
        """Run a shell command; see `Workspace.run`. It has no more time than its trajectory."""

        def perform(recorded: Json | None) -> Json:
            self.check(recorded is not None)
            wait = min(timeout, max(1.0, self.left()), _enough(recorded))
            if recorded and not wait:
                return recorded
            with part("command", "shell"):
                result = self._run(command, wait)
            return {
                "exit_code": result.exit_code,
                "timed_out": result.timed_out,
                "killed": result.killed,
                "seconds": round(result.seconds, 3),
                **({"effect": self.fork.effect()} if result.timed_out else {}),
                **_packed(result.output, "output"),
            }

        answer, _ = self._redo("command", {"command": command, "timeout": timeout}, perform, difference)
        self.took(answer["seconds"])
        output = _unpacked(answer, "output")
        return CommandResult(answer["exit_code"], output, answer["timed_out"], answer["seconds"], answer.get("killed"))

    def read(self, path: str) -> bytes:
        """Return a file's bytes; see `Workspace.read`. Any OSError is about that file."""
        content = b""

        def perform(recorded: Json | None) -> Json:
            nonlocal content
            self.check(recorded is not None)
            try:
                content = self.fork.read(path)
            except OSError as error:
                return _failed(error)
            return self._content(content)

        answer, _ = self._redo("read", {"path": path}, perform, _other_content)
        _raise_failed(answer, path)
        return self._known(answer, content)

    def write(self, path: str, content: bytes) -> None:
        """Write a file; see `Workspace.write`. Any OSError is about that file."""

        def perform(recorded: Json | None) -> Json:
            self.check(recorded is not None)
            try:
                self.fork.write(path, content)
            except OSError as error:
                return _failed(error)
            return {}

        if self.journal.ending is not None:
            self._contents[_hash(content)] = content
        answer, _ = self._redo("write", {"path": path, "content": _hash(content)}, perform, _other_content)
        _raise_failed(answer, path)

    def remove(self, path: str) -> None:
        """Remove a file; see `Workspace.remove`. Any OSError is about that file."""

        def perform(recorded: Json | None) -> Json:
            self.check(recorded is not None)
            try:
                self.fork.remove(path)
            except OSError as error:
                return _failed(error)
            return {}

        answer, _ = self._redo("remove", {"path": path}, perform, _other_content)
        _raise_failed(answer, path)

    def diff(self) -> str:
        """Return the tree's changes; see `Workspace.diff`. That there is no tree any more is on record too.

        A tree to which nothing was done is as it was: git is not asked again.
        """
        if self._diff is not None and not self.journal.due("diff"):  # older records hold every reading
            return self._diff
        content = b""

        def perform(recorded: Json | None) -> Json:
            nonlocal content
            self.check(recorded is not None)
            try:
                content = self.fork.diff().encode("utf-8", "surrogateescape")
            except TreeLost as error:
                self.check(True)
                return {"lost": str(error)}
            except OSError as error:
                return _failed(error)
            return self._content(content)

        answer, _ = self._redo("diff", {}, perform, _other_content)
        if "lost" in answer:
            raise TreeLost(answer["lost"])
        _raise_failed(answer, WORKTREE)
        self._diff = self._known(answer, content).decode("utf-8", "surrogateescape")
        return self._diff

    def begin_anew(self, patch: str) -> None:
        """Go on in a new fork; see `Workspace.begin_anew`."""

        def perform(recorded: Json | None) -> Json:
            self.check(recorded is not None)
            self.fork.begin_anew(patch or None)
            return {}

        key = _hash(patch.encode("utf-8", "surrogateescape"))
        self._redo("anew", {"patch": key}, perform, _other_content)

    def close(self) -> None:
        """Let the fork go; idempotent."""
        self.fork.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def _run(self, command: str, wait: float) -> Result:
        """Run a command to its end; one that an interrupt ends has none."""
        with ended_on(self.interrupt, self.fork.end):
            try:
                result = self.fork.run(command, timeout=wait)
            except SandboxError:
                self.check(True)
                raise
        self.check(True)
        return result

    def _redo(
        self,
        kind: str,
        request: Mapping[str, Any],
        perform: Callable[[Json | None], Json],
        differs: Callable[[Json, Json], str],
    ) -> tuple[Json, bool]:
        if kind != "read":
            self._diff = None
        return self.journal.redo(kind, {"workspace": self.number, **request}, perform, differs)

    def _content(self, content: bytes) -> Json:
        """Return how a content stands on record: whole when it is new there, else by its hash."""
        key = _hash(content)
        whole = {} if key in self._shown else _packed(content, "content")
        self._shown.add(key)
        return {"sha256": key, **whole}

    def _known(self, answer: Json, content: bytes) -> bytes:
        """Return a content that was just read or, of a trajectory that is over, is on record."""
        if self.journal.ending is None:
            return content
        if "content" in answer:
            self._contents[answer["sha256"]] = _unpacked(answer, "content")
        return self._contents[answer["sha256"]]


def _enough(recorded: Json | None) -> float:
    """Return how long a command is to be waited for: one that ran into its time, no longer than it changed files."""
    effect = recorded.get("effect") if recorded and recorded["timed_out"] else None
    if effect is None:
        return inf
    return _GRACE + 2 * float(effect) if effect else 0.0


def _other_content(recorded: Json, now: Json) -> str:
    names = ("sha256", "error")
    same = all(recorded.get(name) == now.get(name) for name in names) and ("lost" in recorded) == ("lost" in now)
    return "" if same else "the file is another one"


def _hash(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()[:16]


def _packed(content: bytes, name: str) -> Json:
    """Return bytes as JSON: as text where they are text."""
    try:
        return {name: content.decode()}
    except UnicodeDecodeError:
        return {name: base64.b64encode(content).decode(), "base64": True}


def _unpacked(answer: Json, name: str) -> bytes:
    text = str(answer[name])
    return base64.b64decode(text) if answer.get("base64") else text.encode()


def _failed(error: OSError) -> Json:
    return {"error": errno.errorcode.get(error.errno or 0, "EIO")}


def _raise_failed(answer: Json, path: str) -> None:
    if name := answer.get("error"):
        number = getattr(errno, name)
        raise OSError(number, os.strerror(number), path)
