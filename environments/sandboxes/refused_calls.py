"""System calls and sockets that no sandbox's commands are given: one list for every kind of sandbox.

Each kind makes a filter of its own form of it (``bubblewrap.system_calls``, ``docker.filter``). What is refused answers
ENOSYS, as on a kernel without it: programs fall back.
"""

from __future__ import annotations

OUT_OF_REACH = frozenset(
    {
        *("add_key", "request_key", "keyctl", "syslog", "open_by_handle_at"),
        *("bpf", "perf_event_open", "userfaultfd", "memfd_secret", "fanotify_init", "pidfd_getfd"),
        *("io_uring_setup", "io_uring_enter", "io_uring_register"),
    }
)
"""Ways beyond namespaces (keys, the kernel's log, file handles) or known for bugs of the kernel; memory that the kernel
itself cannot see into; marks on files of the whole machine; another process's descriptors."""

AT_A_STROKE = "fallocate"
"""Takes a whole disk in no time, before any look at it: EOPNOTSUPP, as on file systems that lack it, whereupon the C
library writes block by block."""

FAMILIES = {"AF_UNIX": 1, "AF_INET": 2, "AF_INET6": 10, "AF_NETLINK": 16}
"""Of sockets that a command may make, by their numbers on every machine: by all of them it reaches no further than its
own network namespace. Those of virtual machines (AF_VSOCK) know no namespaces."""
