"""A fork of a task's tree that is worked in: commands, files, the change so far. Nothing of it is on record.

It is made when the first thing is asked of it, and between two commands nothing of it runs (bubblewrap) or waits but
a container (Docker). Commands take turns with the tests of the whole process, since a command that shares its core
with others would run into its time limit for no fault of its own.
"""

from __future__ import annotations

import errno
import os
import re
import shlex
import time
from contextlib import ExitStack
from dataclasses import dataclass

from environments.sandboxes.contract import WORKTREE, Result, Sandbox, SandboxError, TreeLost
from environments.sandboxes.lease import Lease
from environments.sandboxes.order import absolute
from environments.task import EnvironmentSpec
from environments.workbench.forks.bytecode import CACHE
from environments.workbench.forks.commands_inside import FOLDER
from environments.workbench.forks.last_effect import last_effect
from environments.workbench.forks.patched_trees import DoesNotApply, PatchedTrees
from environments.workbench.tests_at_once import TURNS, Turns

MOST_OUTPUT = 32 << 10
"""Bytes kept of a command's output: head and tail, the cut named between them."""
MOST_READ = 4 << 20
"""Bytes of a file that may be read: what is larger is no source file."""

MOST_DIFF = 4 << 20
"""Bytes of the tree's changes: what is larger is no change of source files, and takes minutes to read."""

_LONGEST_PATH = 4096
_ENVIRONMENT = {
    "PYTHONPYCACHEPREFIX": CACHE,
    **{f"GIT_{who}_NAME": "runoff" for who in ("AUTHOR", "COMMITTER")},
    **{f"GIT_{who}_EMAIL": "runoff@localhost" for who in ("AUTHOR", "COMMITTER")},
}
"""Byte code that is there already is read, and git needs to know who commits."""
_FILES = Turns(4 * TURNS.count)
"""Reads, writes and comparisons at once: they are short, and must not wait for a command that takes its minute."""
_CUT = re.compile(rb"\n\[\.\.\. (\d+) bytes cut \.\.\.\]\n")
_BINARY = re.compile(r"^(?:literal|delta) (\d+)$", re.M)
"""The size of a binary file in a patch, where a large one of zeros takes little."""
_REMOVE = 'test -d "$1" && ! test -L "$1" && exit 45; test -e "$1" || test -L "$1" || exit 44; rm -f -- "$1"'
_LOOK = 'test -d "$1" && exit 45; test -e "$1" || exit 44; test -r "$1" || exit 46; exit 0'


@dataclass
class LiveFork:
    """One fork, used by one thread; ``close`` lets it go. Every method raises SandboxError where the sandbox failed."""

    trees: PatchedTrees
    spec: EnvironmentSpec
    lease: Lease
    patch: str | None = None
    """What is applied to the base first."""

    def __post_init__(self) -> None:
        self._held = ExitStack()
        self._sandbox: Sandbox | None = None
        self._began = 0.0

    def run(self, command: str, *, timeout: float) -> Result:
        """Run a bash command line at the tree's top, with the environment's own Python; its output is kept short."""
        sandbox = self._open()
        with TURNS.turn(), self.lease.tests():
            self._began = time.time()
            result = sandbox.run(["/bin/sh", "-c", self._start(), "sh", command], timeout=timeout, env=_ENVIRONMENT)
        self._assert_alive()
        return result.model_copy(update={"output": short(result.output)})

    def effect(self) -> float | None:
        """Return how many seconds after its start the last command last changed a file; see ``last_effect``."""
        with _FILES.turn():
            return last_effect(self._open(), self._began)

    def read(self, path: str) -> bytes:
        """Return a file's bytes. FileNotFoundError, IsADirectoryError, PermissionError; OSError if it is too large."""
        sandbox = self._open()
        _assert_path(path)
        with _FILES.turn():
            try:
                content = sandbox.read(path)
            except (FileNotFoundError, SandboxError) as error:
                raise self._explained(path, error) from error
        if len(content) > MOST_READ:
            raise OSError(errno.EFBIG, f"the file holds {len(content)} bytes, over {MOST_READ}", path)
        return content

    def write(self, path: str, content: bytes) -> None:
        """Write a file, with the folders above it. IsADirectoryError; OSError where it cannot be written there."""
        sandbox = self._open()
        _assert_path(path)
        with _FILES.turn():
            try:
                sandbox.write(path, content)
            except IsADirectoryError as error:
                raise IsADirectoryError(errno.EISDIR, os.strerror(errno.EISDIR), path) from error
            except SandboxError as error:
                raise self._refusal(path, error) from error

    def remove(self, path: str) -> None:
        """Remove a file or a link. FileNotFoundError, IsADirectoryError; OSError where it cannot be removed."""
        sandbox = self._open()
        _assert_path(path)
        with _FILES.turn():
            result = sandbox.run(["/bin/sh", "-c", _REMOVE, "sh", absolute(path)], cwd="/")
            if result.exit_code:
                raise _os_error(result.exit_code, path) or self._refusal(path, SandboxError(result.text.strip()))

    def diff(self) -> str:
        """Return the tree's changes against the task's commit.

        Raises TreeLost where a command has left no tree; OSError where the changes are too large.
        """
        sandbox = self._open()
        with _FILES.turn():
            try:
                diff = sandbox.diff()
            except TreeLost:
                self._assert_alive()
                raise
        size = len(diff) + sum(map(int, _BINARY.findall(diff)))
        if size > MOST_DIFF:
            raise OSError(errno.EFBIG, f"the changes take {size} bytes, over {MOST_DIFF}")
        return diff

    def begin_anew(self, patch: str | None) -> None:
        """Let the fork go and go on in a new one, of the base with ``patch`` applied."""
        self.close()
        self.patch = patch
        try:
            self._open()
        except DoesNotApply as error:
            raise SandboxError(f"a fresh tree does not take the last change: {error}") from error

    def end(self) -> None:
        """End what runs in it; from any thread. Nothing can be done in it any more."""
        if sandbox := self._sandbox:
            sandbox.close()

    def close(self) -> None:
        """End what runs in it and remove it; idempotent."""
        self._sandbox = None
        self._held.close()

    def _open(self) -> Sandbox:
        if self._sandbox is None:
            self._held.enter_context(self.trees.sandboxes.worked_in())
            self._sandbox = self._held.enter_context(self.trees.fork(self.patch, whole=True))
        return self._sandbox

    def _assert_alive(self) -> None:
        """Refuse an answer whose sandbox was closed under it: that is no outcome."""
        if self.trees.closed:
            raise SandboxError("The workbench was closed while a command was running.")

    def _start(self) -> str:
        """Return what starts the command as the tests are started: the tree's own packages come first."""
        own = ":".join(f"{WORKTREE}/{folder}".removesuffix("/.") for folder in self.spec.python_path)
        path = f"PYTHONPATH={shlex.quote(own)}${{PYTHONPATH:+:$PYTHONPATH}}" if own else ""
        return f'PATH="{FOLDER}:$PATH" {path} exec bash -c "$1"'

    def _explained(self, path: str, error: Exception) -> Exception:
        """Return the error that a file which cannot be read stands for."""
        found = self._open().run(["/bin/sh", "-c", _LOOK, "sh", absolute(path)], cwd="/")
        if found.exit_code:
            return _os_error(found.exit_code, path) or error
        return OSError(errno.EIO, os.strerror(errno.EIO), path)  # the sandbox works: a pipe, a socket, a device

    def _refusal(self, path: str, error: SandboxError) -> Exception:
        """Return why a file cannot be written: the error of a sandbox that works is about this file alone."""
        found = self._open().run(["/bin/true"], cwd="/")
        if found.killed == "disk":
            return OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), path)
        return error if found.exit_code else PermissionError(errno.EACCES, str(error), path)


def short(output: bytes, limit: int = MOST_OUTPUT) -> bytes:
    """Return the head and the tail of an output, with what was cut between them, here or before, in one number."""
    if len(output) <= limit:
        return output
    head, tail = output[: limit // 2], output[-(limit - limit // 2) :]
    middle = output[len(head) : len(output) - len(tail)]
    before = _CUT.search(middle)
    cut = len(middle) + (int(before[1]) - len(before[0]) if before else 0)
    return head + b"\n[... %d bytes cut ...]\n" % cut + tail


def _assert_path(path: str) -> None:
    """Raise the OSError of what no file can be called."""
    try:
        size = len(path.encode("utf-8", "surrogateescape"))
    except UnicodeEncodeError:
        raise OSError(errno.EILSEQ, os.strerror(errno.EILSEQ), path) from None
    if not path or "\0" in path:
        raise OSError(errno.EINVAL, os.strerror(errno.EINVAL), path)
    if size >= _LONGEST_PATH:
        raise OSError(errno.ENAMETOOLONG, os.strerror(errno.ENAMETOOLONG), path)


def _os_error(code: int, path: str) -> OSError | None:
    kinds = {44: errno.ENOENT, 45: errno.EISDIR, 46: errno.EACCES}
    number = kinds.get(code)
    return OSError(number, os.strerror(number), path) if number else None
