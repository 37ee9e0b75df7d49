"""Can this host sandbox, and what to do where it cannot. There is no unsandboxed mode to fall back to."""

from __future__ import annotations

import os
import platform
import resource
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from environments.host_programs import find_program
from environments.sandboxes import leftovers
from environments.sandboxes.bubblewrap import BubblewrapSandbox, host_root
from environments.sandboxes.bubblewrap.binary import find_bwrap
from environments.sandboxes.bubblewrap.cgroup import hierarchies
from environments.sandboxes.contract import SandboxError

_ROOM = 2 << 30
"""Free bytes of disk below which a run is likely to fill it."""
_OPEN_FILES, _PROCESSES = 1024, 1024
"""What a run with some workers needs: connections, pipes, records; threads count as processes."""


@dataclass(frozen=True)
class Problem:
    """Something about this host."""

    name: str
    advice: str
    """One line: what is so, and what to do."""

    def __str__(self) -> str:
        return self.advice


def diagnose() -> list[Problem]:
    """Return what keeps this host from sandboxing; empty when a sandbox was made here and ran a command."""
    if platform.system() != "Linux":
        return [Problem("system", f"sandboxes need Linux, not {platform.system()}: use a Linux machine or WSL 2")]
    try:
        find_bwrap()
    except SandboxError as error:
        return [Problem("bubblewrap", str(error))]
    if os.path.expanduser("~") == "~":  # noqa: PTH111 - Path.home() raises where there is none
        return [Problem("home", "the home folder of this user is not known: set HOME to a folder that can be written")]
    try:
        with BubblewrapSandbox.create([], root=host_root(), run_id="doctor") as sandbox:
            answer = sandbox.run("git --version && python --version", cwd="/")
    except SandboxError as error:
        return [*_known_obstacles(), Problem("sandbox", str(error))]
    if find_program("git") is None:
        return [Problem("git", "git is not on the PATH, and trees and patches need it: install git")]
    if answer.exit_code != 0:
        return [Problem("tools", f"a sandbox lacks git or python (install git under /usr): {answer.text.strip()}")]
    return []


def remarks() -> list[Problem]:
    """Return what does not keep this host from sandboxing but is worth knowing."""
    found = []
    home = leftovers.state_home()
    free = shutil.disk_usage(home).free
    if free < _ROOM:
        advice = f"only {free >> 20} MiB are free at {home}: free some, or set RUNOFF_STATE to a larger disk"
        found.append(Problem("disk", advice))
    if leftovers.file_system(home) == "tmpfs":
        found.append(Problem("memory", f"{home} is in memory: set RUNOFF_STATE to a folder on a disk"))
    found += _ceilings()
    if hierarchies() is None:
        advice = (
            "no control group can be made here: a sandbox's memory is looked at 20 times a second instead of bounded, "
            "and it may take more between two looks; Docker bounds it (sandbox=docker)"
        )
        found.append(Problem("cgroups", advice))
    return found


def _ceilings() -> Iterator[Problem]:
    """Name what this user may have too few of for a run with some workers."""
    for name, kind, least, option in (
        ("open files", resource.RLIMIT_NOFILE, _OPEN_FILES, "-n"),
        ("processes", resource.RLIMIT_NPROC, _PROCESSES, "-u"),
    ):
        soft, _ = resource.getrlimit(kind)
        if soft != resource.RLIM_INFINITY and soft < least:
            yield Problem(name, f"only {soft} {name} are allowed here: `ulimit {option} {least}` before a run")


def _known_obstacles() -> Iterator[Problem]:
    switches = {
        "/proc/sys/user/max_user_namespaces": ("0", "sysctl -w user.max_user_namespaces=15000"),
        "/proc/sys/kernel/unprivileged_userns_clone": ("0", "sysctl -w kernel.unprivileged_userns_clone=1"),
        "/proc/sys/kernel/apparmor_restrict_unprivileged_userns": (
            "1",
            "sysctl -w kernel.apparmor_restrict_unprivileged_userns=0, or an AppArmor profile for bwrap",
        ),
    }
    for path, (bad, remedy) in switches.items():
        if Path(path).is_file() and Path(path).read_text().strip() == bad:
            yield Problem("namespaces", f"this host forbids user namespaces ({Path(path).name} is {bad}): {remedy}")
    if Path("/.dockerenv").exists() or Path("/run/.containerenv").exists():
        advice = (
            "this is a container: start it with --security-opt seccomp=unconfined --security-opt systempaths=unconfined"
        )
        yield Problem("container", advice)
    home = leftovers.state_home()
    if leftovers.file_system(home) == "overlay":
        yield Problem("overlay", f"{home} lies on an overlay, which cannot hold another: set RUNOFF_STATE to a volume")
    release = tuple(int(part) for part in os.uname().release.split("-")[0].split(".")[:2])
    if release < (5, 11):
        yield Problem("kernel", f"Linux {os.uname().release} has no overlays in user namespaces: use 5.11 or later")
