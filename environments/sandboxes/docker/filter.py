"""What system calls a container's commands may make: a seccomp profile of ours, in place of the engine's own.

An engine's own depends on its age: that of Docker 20.10 lets sockets to the machine that runs this one (vsock) be
opened, and io_uring be used. This one lets through what Linux has, by a list of names, less what needs capabilities
that no container of ours has (EPERM), less what no sandbox's commands are given (``refused_calls``). Unlike
bubblewrap's filter it lets memory files, System V objects and watches of files be made, and processes of one's own be
traced: images' tests need them (databases, sanitizers, Go's fsnotify), and the container's control group counts their
memory. What is on no list is refused, and a program that uses another machine's numbers (a 32-bit one) is ended.
(Format: Docker's documentation, "Seccomp security profiles for Docker"; OCI runtime specification, "Seccomp".)
"""

from __future__ import annotations

import errno
import functools
import hashlib
import json
import tempfile
from importlib.resources import files
from pathlib import Path
from typing import Any

from platformdirs import user_cache_path

from environments.sandboxes.refused_calls import AT_A_STROKE, FAMILIES, OUT_OF_REACH

MACHINES = {"x86_64": "x86_64", "amd64": "x86_64", "aarch64": "aarch64", "arm64": "aarch64"}
"""For which there is a profile, by what engines call them."""
FOR_THE_CAPABLE = frozenset(
    {
        *("acct", "chroot", "mount", "umount2", "pivot_root", "move_mount", "open_tree", "mount_setattr"),
        *("fsopen", "fsconfig", "fsmount", "fspick", "quotactl", "quotactl_fd", "swapon", "swapoff", "sysfs", "ustat"),
        *("init_module", "finit_module", "delete_module", "kexec_load", "kexec_file_load", "reboot", "vhangup"),
        *("setns", "unshare", "sethostname", "setdomainname", "settimeofday", "clock_settime", "iopl", "ioperm"),
        *("kcmp", "process_madvise", "lookup_dcookie", "migrate_pages", "move_pages"),
        *("get_mempolicy", "mbind", "set_mempolicy", "set_mempolicy_home_node"),
    }
)
"""Calls that do nothing without a capability, or make a user namespace, in which one has them all."""
_NEW_NAMESPACES = 0x7E020000
"""Bits of clone's flags: CLONE_NEWNS, NEWCGROUP, NEWUTS, NEWIPC, NEWUSER, NEWPID, NEWNET."""
_PERSONALITIES = (0x0, 0x8, 0x20000, 0x20008, 0xFFFFFFFF)
"""PER_LINUX, PER_LINUX32, both with UNAME26, and the question which it is."""
_RULES_OF_THEIR_OWN = frozenset({"socket", "clone", "clone3", "personality", AT_A_STROKE})


@functools.cache
def seccomp_profile() -> str:
    """Return the profile, JSON as engines take it for ``--security-opt seccomp=``."""
    let_through = linux_calls() - OUT_OF_REACH - FOR_THE_CAPABLE - _RULES_OF_THEIR_OWN
    return json.dumps(
        {
            "defaultAction": "SCMP_ACT_ERRNO",
            "defaultErrnoRet": errno.EPERM,
            "archMap": [
                {"architecture": f"SCMP_ARCH_{name.upper()}", "subArchitectures": []}
                for name in sorted(set(MACHINES.values()))
            ],
            "syscalls": [
                _allowed(sorted(let_through)),
                *(_allowed(["socket"], 0, family) for family in FAMILIES.values()),
                *(_allowed(["personality"], 0, kind) for kind in _PERSONALITIES),
                _allowed(["clone"], 0, _NEW_NAMESPACES, "SCMP_CMP_MASKED_EQ"),
                # Without clone3 glibc clones by the call whose flags can be seen.
                _refused(sorted(OUT_OF_REACH | {"clone3"}), errno.ENOSYS),
                _refused([AT_A_STROKE], errno.EOPNOTSUPP),
            ],
        }
    )


def profile_file(cache: Path | None = None) -> Path:
    """Return a file with the profile, as podman takes it, whose service reads it by its name."""
    text = seccomp_profile()
    file = (cache or user_cache_path("runoff")) / f"seccomp-{hashlib.sha256(text.encode()).hexdigest()[:16]}.json"
    if not file.is_file() or file.read_text(encoding="ascii") != text:
        file.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.NamedTemporaryFile("w", dir=file.parent, encoding="ascii", delete=False) as made:
            made.write(text)
        Path(made.name).replace(file)
    return file


def linux_calls() -> frozenset[str]:
    """Return the names of Linux's system calls."""
    text = files(__package__).joinpath("linux_calls.txt").read_text(encoding="ascii")
    return frozenset(word for line in text.splitlines() if not line.startswith("#") for word in line.split())


def _allowed(names: list[str], argument: int = 0, value: int | None = None, how: str = "SCMP_CMP_EQ") -> dict[str, Any]:
    conditions = [] if value is None else [{"index": argument, "value": value, "valueTwo": 0, "op": how}]
    return {"names": names, "action": "SCMP_ACT_ALLOW", "args": conditions}


def _refused(names: list[str], code: int) -> dict[str, Any]:
    return {"names": names, "action": "SCMP_ACT_ERRNO", "errnoRet": code}
