"""Labels on what a sandbox leaves on the host; ``clean()`` removes what has no living owner.

Everything a process's sandboxes keep on the host lies in one short folder, ``<state home>/<8 hex digits>``, whose
``label.json`` names the run, the owner (process id and start time) and an expiry. Control groups carry the owner in
their names. Nothing else on the host is ever touched.
"""

from __future__ import annotations

import json
import os
import secrets
import tempfile
import time
from pathlib import Path

from pydantic import BaseModel, ConfigDict, ValidationError

from environments.sandbox import SandboxError

LABEL = "label.json"
CGROUP_ROOT = Path("/sys/fs/cgroup")
LIFETIME = 7 * 24 * 3600.0
"""Seconds after which even a living owner's folder counts as forgotten when cleaning by force."""


class Label(BaseModel):
    """Who owns a folder of sandbox state."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    run_id: str
    pid: int
    started: int
    """The owner's start time in clock ticks since boot (field 22 of /proc/PID/stat)."""
    boot: str
    """The kernel's boot id: after a reboot no owner lives."""
    expires: float
    """Seconds since the epoch."""

    def alive(self) -> bool:
        """Say whether the owner still runs."""
        return self.boot == boot_id() and start_time(self.pid) == self.started


def state_home() -> Path:
    """Return this user's folder of sandbox state, made private; ``RUNOFF_STATE`` moves it.

    Raises:
        SandboxError: another user owns the folder, or it can be written by others.
    """
    home = Path(os.environ.get("RUNOFF_STATE") or Path(tempfile.gettempdir()) / f"runoff-{os.getuid()}")
    home.mkdir(mode=0o700, parents=True, exist_ok=True)
    status = home.lstat()
    if not home.is_dir() or home.is_symlink() or status.st_uid != os.getuid() or status.st_mode & 0o022:
        raise SandboxError(f"{home} is not a private folder of this user: remove it, or set RUNOFF_STATE to another")
    return home


def claim(run_id: str) -> Path:
    """Make a labelled folder for the sandboxes of this process and run; the caller removes it when done."""
    folder = state_home() / secrets.token_hex(4)
    folder.mkdir(mode=0o700)
    label = Label(
        run_id=run_id,
        pid=os.getpid(),
        started=start_time(os.getpid()) or 0,
        boot=boot_id(),
        expires=time.time() + LIFETIME,
    )
    draft = folder / f".{LABEL}"
    draft.write_text(label.model_dump_json())
    draft.rename(folder / LABEL)
    return folder


def cgroup_name(number: int) -> str:
    """Return the name of this process's control group of that number; it is its own label."""
    return f"runoff.{os.getpid()}.{start_time(os.getpid())}.{number}"


def read_label(folder: Path) -> Label | None:
    """Return a folder's label, None where it has none or a broken one."""
    try:
        return Label.model_validate(json.loads((folder / LABEL).read_bytes()))
    except (OSError, ValueError, ValidationError):
        return None


def boot_id() -> str:
    """Return the kernel's boot id."""
    return Path("/proc/sys/kernel/random/boot_id").read_text().strip()


def start_time(pid: int) -> int | None:
    """Return when a process started, in clock ticks since boot; None when there is no such process."""
    try:
        stat = Path(f"/proc/{pid}/stat").read_text()
    except (FileNotFoundError, ProcessLookupError):
        return None
    return int(stat.rpartition(")")[2].split()[19])
