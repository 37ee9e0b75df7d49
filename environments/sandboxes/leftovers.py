"""Labels on what a sandbox leaves on the host; ``clean()`` removes what has no living owner.

Everything that a process's sandboxes keep on the host lies in one short folder, ``<state home>/<8 hex digits>``, whose
``label.json`` names the run, the owner (process id, start time, process namespace) and an expiry. Control groups carry
the owner in their names. Nothing else on the host is ever touched.
"""

from __future__ import annotations

import atexit
import contextlib
import functools
import json
import os
import secrets
import select
import signal
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

from pydantic import BaseModel, ConfigDict, ValidationError

from environments.sandboxes.contract import SandboxError
from environments.sandboxes.removal import remove_tree

LABEL = "label.json"
CGROUP_ROOT = Path("/sys/fs/cgroup")
LIFETIME = 7 * 24 * 3600.0
"""Seconds after which a folder whose owner cannot be seen from here (another container's) counts as left over."""
_UNLABELLED = 3600.0
"""Seconds after which a folder without a label is no longer one that is just being made."""
_PATIENCE = 10.0


class Label(BaseModel):
    """Who owns a folder of sandbox state."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    run_id: str
    pid: int
    started: int
    """The owner's start time in clock ticks since boot (field 22 of /proc/PID/stat)."""
    namespace: int
    """The process namespace in which ``pid`` counts."""
    boot: str
    """The kernel's boot id: after a reboot no owner lives."""
    expires: float
    """Seconds since the epoch."""

    def has_owner(self) -> bool:
        """Say whether the owner may still run; beyond another container's wall only the expiry tells."""
        if self.boot != boot_id():
            return False
        if self.namespace != pid_namespace():
            return self.is_fresh()
        return start_time(self.pid) == self.started

    def is_fresh(self) -> bool:
        """Say whether it has not expired: all that can be known of an owner out of sight."""
        return time.time() < self.expires


def state_home() -> Path:
    """Return this user's folder of sandbox state, made private; ``RUNOFF_STATE`` moves it.

    By default it lies where temporary files do, or, where that is in memory or itself an overlay, on a disk.

    Raises:
        SandboxError: another user owns the folder, or it can be written by others.
    """
    chosen = os.environ.get("RUNOFF_STATE")
    home = Path(chosen) if chosen else _roomy_folder() / f"runoff-{os.getuid()}"
    home.mkdir(mode=0o700, parents=True, exist_ok=True)
    status = home.lstat()
    if home.is_symlink() or not home.is_dir() or status.st_uid != os.getuid() or status.st_mode & 0o022:
        raise SandboxError(f"{home} is not a private folder of this user: remove it, or set RUNOFF_STATE to another")
    return home


def _roomy_folder() -> Path:
    candidates = (Path(tempfile.gettempdir()), Path("/var/tmp"))
    for folder in candidates:
        if folder.is_dir() and file_system(folder) not in ("tmpfs", "ramfs", "overlay"):
            return folder
    return candidates[0]


def file_system(path: Path) -> str:
    """Return the type of the file system that holds a path (``ext4``, ``tmpfs``, ``overlay``)."""
    holder, kind = "", ""
    for line in Path("/proc/self/mountinfo").read_text().splitlines():
        place, _, source = line.partition(" - ")
        mount = place.split()[4].encode().decode("unicode_escape")
        if path.resolve().is_relative_to(mount) and len(mount) >= len(holder):
            holder, kind = mount, source.split()[0]
    return kind


def claim(run_id: str) -> Path:
    """Make a labelled folder for the sandboxes of this process and run; the caller removes it when done."""
    folder = state_home() / secrets.token_hex(4)
    folder.mkdir(mode=0o700)
    draft = folder / f".{LABEL}"
    draft.write_text(new_label(run_id).model_dump_json())
    draft.rename(folder / LABEL)
    return folder


@contextlib.contextmanager
def temporary(prefix: str) -> Iterator[Path]:
    """Give a private folder for the block; after a crash of this process ``clean`` finds it, and what is in it."""
    with tempfile.TemporaryDirectory(prefix=prefix, dir=_own_folder(os.getpid(), state_home())) as name:
        yield Path(name)


@functools.cache
def _own_folder(pid: int, home: Path) -> Path:
    """Make the folder of a process's temporary ones in ``home``, once; it goes with the process."""
    folder = claim("of one process's temporary files")

    def remove() -> None:
        if os.getpid() == pid:  # a forked child has one of its own
            remove_tree(folder)

    atexit.register(remove)
    return folder


def new_label(run_id: str) -> Label:
    """Return the label of what this process makes for a run."""
    return Label(
        run_id=run_id,
        pid=os.getpid(),
        started=start_time(os.getpid()) or 0,
        namespace=pid_namespace(),
        boot=boot_id(),
        expires=time.time() + LIFETIME,
    )


def cgroup_name(number: int) -> str:
    """Return the name of this process's control group of that number; it is its own label."""
    return f"runoff.{pid_namespace()}.{os.getpid()}.{start_time(os.getpid())}.{number}"


def clean() -> list[str]:
    """End and remove what has no living owner: processes, control groups, folders. Returns a line for each.

    May run beside another ``clean``; what that one took, or what the kernel still holds, is passed over.
    """
    removed: list[str] = []
    for group in _ownerless_groups():
        with contextlib.suppress(OSError):
            _end_all([int(pid) for pid in (group / "cgroup.procs").read_text().split()])
            group.rmdir()
            removed.append(f"control group {group}")
    for folder, run_id in _ownerless_folders():
        _end_all(_bwraps_of(folder))
        with contextlib.suppress(FileNotFoundError):
            taken = folder.rename(folder.with_name(f".{folder.name}"))
            remove_tree(taken)
            removed.append(f"folder {folder} of run {run_id}")
    return removed


def _ownerless_folders() -> Iterator[tuple[Path, str]]:
    for folder in sorted(state_home().iterdir()):
        label = _read_label(folder)
        if label and not label.has_owner():
            yield folder, label.run_id
        elif not label and folder.is_dir() and time.time() - folder.stat().st_mtime > _UNLABELLED:
            yield folder, "unknown"


def _read_label(folder: Path) -> Label | None:
    try:
        return Label.model_validate(json.loads((folder / LABEL).read_bytes()))
    except (OSError, ValueError, ValidationError):
        return None


def _ownerless_groups() -> Iterator[Path]:
    pattern = f"runoff.{pid_namespace()}.*.*.*"
    for group in sorted([*CGROUP_ROOT.glob(pattern), *CGROUP_ROOT.glob(f"*/{pattern}")]):
        _, _, pid, started, _ = group.name.split(".")
        if str(start_time(int(pid))) != started and os.access(group, os.W_OK):
            yield group


def _bwraps_of(folder: Path) -> list[int]:
    """Return the bwraps that a killed Runoff left in the moment between their start and their tie to it."""
    found = []
    for process in Path("/proc").iterdir():
        if process.name.isdigit():
            with contextlib.suppress(OSError):
                words = (process / "cmdline").read_bytes().split(b"\0")
                if words[0].endswith(b"bwrap") and any(word.startswith(os.fsencode(folder)) for word in words):
                    found.append(int(process.name))
    return found


def _end_all(pids: list[int]) -> None:
    for pid in pids:
        with contextlib.suppress(ProcessLookupError):
            descriptor = os.pidfd_open(pid)
            try:
                signal.pidfd_send_signal(descriptor, signal.SIGKILL)
                select.select([descriptor], [], [], _PATIENCE)
            finally:
                os.close(descriptor)


def boot_id() -> str:
    """Return the kernel's boot id."""
    return Path("/proc/sys/kernel/random/boot_id").read_text().strip()


def pid_namespace() -> int:
    """Return the number of this process's process namespace."""
    return os.stat("/proc/self/ns/pid").st_ino  # noqa: PTH116 - Path would do the same in two calls


def start_time(pid: int) -> int | None:
    """Return when a process started, in clock ticks since boot; None when there is none that runs (nor a zombie)."""
    try:
        stat = Path(f"/proc/{pid}/stat").read_text()
    except (FileNotFoundError, ProcessLookupError):
        return None
    fields = stat.rpartition(")")[2].split()
    return None if fields[0] in "ZX" else int(fields[19])
