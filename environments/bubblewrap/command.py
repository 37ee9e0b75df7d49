"""Puts together the bwrap command line of one command."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

from environments.bubblewrap.binary import find_bwrap
from environments.bubblewrap.layers import Stack
from environments.bubblewrap.system_calls import seccomp_program
from environments.sandbox import WORKTREE

UID = 1000
"""Who a command is inside; outside it is whoever runs Runoff, without a capability."""
HOME = "/tmp/home"
ENVIRONMENT: Mapping[str, str] = {
    "PATH": "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
    "HOME": HOME,
    "USER": "runoff",
    "LOGNAME": "runoff",
    "SHELL": "/bin/bash",
    "TMPDIR": "/tmp",
    "LANG": "C.UTF-8",
    "TZ": "UTC",
    "PAGER": "cat",
    "MANPAGER": "cat",
    "GIT_PAGER": "cat",
    "LESS": "-R",
    "PIP_PROGRESS_BAR": "off",
    "TQDM_DISABLE": "1",
    "PYTHONHASHSEED": "0",
    "PYTHONDONTWRITEBYTECODE": "1",
    "PYTHONNOUSERSITE": "1",
}
"""The environment of every command. No byte code is written: a .pyc is matched by seconds and size, so two edits
within one second could run the older one."""

NAMESPACES = (
    *("--unshare-user", "--unshare-pid", "--unshare-net", "--unshare-ipc", "--unshare-uts", "--unshare-cgroup-try"),
    *("--disable-userns", "--new-session", "--die-with-parent"),
    *("--uid", str(UID), "--gid", str(UID), "--hostname", "sandbox", "--cap-drop", "ALL"),
)
ENTER = 'ulimit -p "$2" 2>/dev/null || ulimit -u "$2"; cd -- "$1" || exit 126; shift 2; exec "$@"'
"""The number of processes is limited here, inside the user namespace, where only the sandbox's own count (-p in dash
and busybox, -u in bash). A working folder that an earlier command removed is a command's failure, not the sandbox's."""


@dataclass(frozen=True)
class View:
    """What of the host the sandbox's commands see beside their layers, and their environment."""

    binds: Mapping[str, Path]
    """Path in the sandbox -> read-only folder or file of the host."""
    environment: Mapping[str, str]
    shared_memory: int
    """Bytes of /dev/shm."""
    processes: int


GATE = b"--tmpfs\0/dev/shm\0"
"""What bwrap waits for on a pipe (``--args``), so that limits can be put on it before it does anything. Should Runoff
die first, bwrap reads an empty gate and ends with an error, for the ``--size`` before it must be followed by this."""


class Descriptors(NamedTuple):
    """What bwrap gets beside the three standard ones; none of them reaches the command."""

    gate: int
    status: int
    """Where bwrap says that the sandbox stands, and how the command ended."""
    seccomp: int


def command_line(
    stack: Stack, view: View, command: str | Sequence[str], cwd: str, env: Mapping[str, str], fds: Descriptors
) -> list[bytes]:
    """Build the bwrap command line.

    Raises:
        ValueError: the command cannot be an argument vector (a NUL, a lone surrogate).
    """
    words = ["bash", "-c", command] if isinstance(command, str) else list(command)
    argv = [
        str(find_bwrap()),
        *NAMESPACES,
        *("--json-status-fd", str(fds.status)),
        *(("--seccomp", str(fds.seccomp)) if seccomp_program() else ()),
        *(word for layer in stack.layers for word in ("--overlay-src", str(layer.path))),
        *("--overlay", str(stack.upper), str(stack.work), "/"),
        *_mounts(view, fds.gate),
        "--clearenv",
        *_variables({**ENVIRONMENT, **view.environment, **env}),
        *("--", "/bin/sh", "-c", ENTER, "sh", _absolute(cwd), str(view.processes), *words),
    ]
    return [_encode(word) for word in argv]


def _mounts(view: View, gate_fd: int) -> list[str]:
    words = []
    for inside in sorted(view.binds, key=lambda path: path.count("/")):
        words += ["--ro-bind", str(view.binds[inside]), inside]
    # Where Runoff is root, a command is the host's root without capabilities, and the kernel lets that user
    # write /proc/sys (core_pattern, for one, which runs programs as root outside): so /proc is read-only as a whole.
    words += ["--proc", "/proc", "--remount-ro", "/proc", "--dev", "/dev"]
    words += ["--perms", "1777", "--size", str(view.shared_memory), "--args", str(gate_fd)]
    return [*words, "--remount-ro", "/dev"]


def _variables(environment: Mapping[str, str]) -> list[str]:
    for name in environment:
        if not name or "=" in name:
            raise ValueError(f"{name!r} cannot be the name of a variable")
    return [word for name, value in environment.items() for word in ("--setenv", name, value)]


def _absolute(path: str) -> str:
    return path if path.startswith("/") else f"{WORKTREE}/{path}"


def _encode(word: str) -> bytes:
    encoded = word.encode("utf-8", "surrogateescape")
    if b"\0" in encoded:
        raise ValueError("a command cannot hold a NUL byte")
    return encoded
