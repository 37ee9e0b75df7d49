"""git on this host, started by one function: bounded in time, memory and output, and steered by nobody's variables.

A repository names programs (hooks, filters, monitors, remote helpers), and git runs them when it works in it. So git
only ever works in repositories that Runoff itself laid (``lay_repository``), to which a stranger's files or objects are
lent; what must be asked in a stranger's own repository is asked by commands that run nothing.
"""

from __future__ import annotations

import errno
import os
import re
import resource
import selectors
import signal
import subprocess
import tempfile
import time
from collections.abc import Mapping
from pathlib import Path
from typing import IO

from environments.errors import RepositoryError
from environments.host_programs import find_program, host_environment

TIMEOUT = 60.0
MAX_OUTPUT = 64 << 20
"""Bytes; a tree of 50,000 files is listed in about 4 MB."""
_MOST_MEMORY = 4 << 30
"""Bytes of its own that git may take: an object of some kilobytes says of itself how large it will be."""
_LARGEST_FILE = 16 << 30
"""Bytes of a file that git may write: what a server sends has no end but that."""
_BOUNDED = 'ulimit -d "$1" && ulimit -f "$2" || exit 3; shift 2; exec "$@"'
_REACHING = re.compile(r"GIT_(SSH|SSL|PROXY|HTTP)\w*")
"""The user's variables by which a server is reached."""
_NEUTRAL = {
    "GIT_CONFIG_GLOBAL": os.devnull,
    "GIT_CONFIG_SYSTEM": os.devnull,
    "GIT_CONFIG_NOSYSTEM": "1",
    "GIT_ATTR_NOSYSTEM": "1",
    "GIT_ALLOW_PROTOCOL": "none",
    "GIT_NO_LAZY_FETCH": "1",
}
"""No settings of this host, and no way to any server, whatever is missing in a repository."""
_ALWAYS = {"GIT_TERMINAL_PROMPT": "0", "GIT_OPTIONAL_LOCKS": "0", "GIT_TEMPLATE_DIR": "", "LC_ALL": "C"}
_OPTIONS = ("-c", f"core.hooksPath={os.devnull}", "-c", "core.fsmonitor=false", "-c", "protocol.ext.allow=never")
_ERROR = re.compile(r"(fatal|error): ")


class GitRefusal(RepositoryError):
    """git ran and refused."""

    def __init__(self, message: str, said: str) -> None:
        """``said``: all that it wrote to standard error, printable."""
        super().__init__(message)
        self.said = said

    @property
    def reason(self) -> str:
        """What git gave as its reason, without where it was run."""
        return _reason(self.said.encode())


def run_git(
    folder: Path,
    *arguments: str,
    variables: Mapping[str, str] | None = None,
    settings: bool = False,
    stdin: bytes = b"",
    timeout: float = TIMEOUT,
) -> bytes:
    """Run git in a folder and return what it wrote to standard output.

    Args:
        folder: where it works.
        arguments: the command and its arguments.
        variables: set for it beside the neutral ones: ``GIT_DIR`` and the like.
        settings: let the user's own settings of git count, and the network be reached.
        stdin: what it reads.
        timeout: seconds after which it and its children are killed.

    Raises:
        RepositoryError: it refused (GitRefusal), took too long, said too much, or cannot be started; in one line.
    """
    program = find_program("git")
    if program is None:
        raise RepositoryError("git is not installed, or not on the PATH: install git")
    environment = {**(_user() if settings else _bare()), **_ALWAYS, **(variables or {})}
    with tempfile.TemporaryFile() as given:
        given.write(stdin)
        given.seek(0)
        try:
            process = subprocess.Popen(
                [*_bounds(), program, *_OPTIONS, *arguments],
                cwd=folder,
                env=environment,
                stdin=given,
                stdout=subprocess.PIPE,
                stderr=subprocess.PIPE,
                start_new_session=True,
            )
        except OSError as error:
            raise RepositoryError(f"git cannot be run in {folder}: {error.strerror}{_advice(error)}") from error
    said, complaint = _listen(process, arguments[0], folder, timeout)
    if process.returncode != 0:
        raise GitRefusal(f"git {arguments[0]} failed in {folder}: {_reason(complaint)}", _printable(complaint))
    return said


def _bare() -> dict[str, str]:
    kept = {name: value for name, value in host_environment().items() if name in ("PATH", "TMPDIR")}
    return {**kept, **_NEUTRAL}


def _user() -> dict[str, str]:
    return {**host_environment(), **{name: value for name, value in os.environ.items() if _REACHING.fullmatch(name)}}


def _bounds() -> list[str]:
    """Return what stands before git's own words, so that it and what it starts may take so much; less where it must."""
    most = {resource.RLIMIT_DATA: _MOST_MEMORY, resource.RLIMIT_FSIZE: _LARGEST_FILE}
    hard = {kind: resource.getrlimit(kind)[1] for kind in most}
    data, size = (most[kind] if hard[kind] == resource.RLIM_INFINITY else min(most[kind], hard[kind]) for kind in most)
    # sh counts memory in KiB and files in blocks of 512 bytes.
    return ["/bin/sh", "-c", _BOUNDED, "sh", str(data >> 10), str(size >> 9)]


def _listen(process: subprocess.Popen[bytes], command: str, folder: Path, timeout: float) -> tuple[bytes, bytes]:
    """Take what git says, up to the bounds; it and its children are gone afterwards, however it ends."""
    deadline = time.monotonic() + timeout
    streams: dict[IO[bytes], bytearray] = {}
    try:
        with selectors.DefaultSelector() as selector:
            for stream in (process.stdout, process.stderr):
                assert stream is not None
                streams[stream] = bytearray()
                selector.register(stream, selectors.EVENT_READ, stream)
            while selector.get_map():
                ready = selector.select(max(0.0, deadline - time.monotonic()))
                if not ready:
                    raise RepositoryError(f"git {command} took over {timeout:.0f} s in {folder}: it was stopped")
                for key, _ in ready:
                    part = os.read(key.fd, 1 << 16)
                    streams[key.data] += part
                    if not part:
                        selector.unregister(key.fileobj)
                    if len(streams[key.data]) > MAX_OUTPUT:
                        raise RepositoryError(
                            f"git {command} said over {MAX_OUTPUT >> 20} MiB in {folder}: it was stopped"
                        )
        process.wait(max(1.0, deadline - time.monotonic()))
    except subprocess.TimeoutExpired as error:
        raise RepositoryError(f"git {command} took over {timeout:.0f} s in {folder}: it was stopped") from error
    finally:
        if process.poll() is None:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()
        for stream in streams:
            stream.close()
    said, complaint = streams.values()
    return bytes(said), bytes(complaint)


def _reason(complaint: bytes) -> str:
    """Return git's own reason: the first line that is an error, for advice follows it."""
    lines = complaint.decode(errors="backslashreplace").strip().splitlines()
    errors = [line for line in lines if _ERROR.match(line)]
    chosen = next((line for line in errors if line.startswith("fatal: ")), (errors or lines or ["no reason given"])[-1])
    return _printable(_ERROR.sub("", chosen, count=1).encode())[:500]


def _printable(text: bytes) -> str:
    return "".join(c if c.isprintable() or c == "\n" else "?" for c in text.decode(errors="backslashreplace")).strip()


def _advice(error: OSError) -> str:
    full = isinstance(error, BlockingIOError) or error.errno == errno.ENOMEM
    return " (too many processes, or too little memory: end some and try again)" if full else ""
