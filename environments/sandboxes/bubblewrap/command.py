"""Puts together the bwrap command line of one command."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

from environments.sandboxes.bubblewrap.binary import find_bwrap
from environments.sandboxes.bubblewrap.layers import Stack
from environments.sandboxes.bubblewrap.system_calls import seccomp_program
from environments.sandboxes.inside import ENVIRONMENT, PATH, UID
from environments.sandboxes.order import Order

NAMESPACES = (
    *("--unshare-user", "--unshare-pid", "--unshare-net", "--unshare-ipc", "--unshare-uts", "--unshare-cgroup-try"),
    *("--disable-userns", "--new-session", "--die-with-parent"),
    *("--uid", str(UID), "--gid", str(UID), "--hostname", "sandbox", "--cap-drop", "ALL"),
)
ENTER = 'ulimit -p "$2" 2>/dev/null || ulimit -u "$2"; cd -- "$1" || exit 126; shift 2; exec "$@"'
"""The number of processes is limited here, inside the user namespace, where only the sandbox's own count (-p in dash
and busybox, -u in bash). A working folder that an earlier command removed is a command's failure, not the sandbox's."""


@dataclass(frozen=True)
class Surroundings:
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
    block: int
    """What the command waits for once all else is set up."""


def command_line(stack: Stack, view: Surroundings, order: Order, fds: Descriptors) -> list[bytes]:
    """Build the bwrap command line of an order that ``assert_possible`` let pass."""
    argv = [
        str(find_bwrap()),
        *NAMESPACES,
        *("--json-status-fd", str(fds.status)),
        *(("--seccomp", str(fds.seccomp)) if seccomp_program() else ()),
        *("--block-fd", str(fds.block)),
        *(word for layer in stack.layers for word in ("--overlay-src", str(layer.path))),
        *("--overlay", str(stack.upper), str(stack.work), "/"),
        *_mounts(view, fds.gate),
        "--clearenv",
        *_variables(variables(view, order)),
        *("--", "/bin/sh", "-c", ENTER, "sh", order.folder, str(view.processes), *order.words),
    ]
    return [word.encode("utf-8", "surrogateescape") for word in argv]


def variables(view: Surroundings, order: Order) -> dict[str, str]:
    """Return the whole environment of an order's command."""
    return {"PATH": PATH, **ENVIRONMENT, **view.environment, **order.env}


def _mounts(view: Surroundings, gate_fd: int) -> list[str]:
    words = []
    for inside in sorted(view.binds, key=lambda path: path.count("/")):
        words += ["--ro-bind", str(view.binds[inside]), inside]
    # Where Runoff is root, a command is the host's root without capabilities, and the kernel lets that user
    # write /proc/sys (core_pattern, for one, which runs programs as root outside): so /proc is read-only as a whole.
    words += ["--proc", "/proc", "--remount-ro", "/proc", "--dev", "/dev"]
    words += ["--perms", "1777", "--size", str(view.shared_memory), "--args", str(gate_fd)]
    return [*words, "--remount-ro", "/dev"]


def _variables(environment: Mapping[str, str]) -> list[str]:
    return [word for name, value in environment.items() for word in ("--setenv", name, value)]
