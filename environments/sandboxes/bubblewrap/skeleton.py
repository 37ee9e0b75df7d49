"""The lowest layer of a sandbox: mount points, and an /etc that says nothing of the host.

What a command may change must never decide where bwrap mounts: bwrap makes missing mount points, and through a link
that a command left in its own root (``/opt -> /oldroot/...``) it would make them on the host. So every mount point
is a folder directly below ``/``, which cannot be moved while it is mounted, or lies in a read-only mount.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path, PurePosixPath

from environments.sandboxes.contract import WORKTREE, SandboxError
from environments.sandboxes.inside import HOME, UID
from environments.sandboxes.tree_diff import REPOSITORY

_FOLDERS = ("/proc", "/dev", "/run", "/etc", "/var/tmp", REPOSITORY, WORKTREE, HOME)
_FILES = {
    "/etc/passwd": f"root:x:0:0:root:/root:/bin/sh\nrunoff:x:{UID}:{UID}::{HOME}:/bin/bash\n",
    "/etc/group": f"root:x:0:\nrunoff:x:{UID}:\n",
    "/etc/hosts": "127.0.0.1 localhost sandbox\n::1 localhost\n",
    "/etc/nsswitch.conf": "passwd: files\ngroup: files\nhosts: files\n",
}


def build(top: Path, binds: Mapping[str, Path], links: Mapping[str, str]) -> dict[str, Path]:
    """Fill ``top`` (new) and return the read-only mounts to make: ``binds``, and the folders that hold their points.

    Raises:
        SandboxError: a bind's source does not exist.
    """
    top.mkdir(mode=0o755)
    for name in _FOLDERS:
        _inside(top, name).mkdir(mode=0o755, parents=True, exist_ok=True)
    _inside(top, "/tmp").chmod(0o1777)
    for name, text in _FILES.items():
        _inside(top, name).write_text(text)
    for name, target in links.items():
        _inside(top, name).parent.mkdir(mode=0o755, parents=True, exist_ok=True)
        _inside(top, name).symlink_to(target)
    for name, source in binds.items():
        _point(_inside(top, name), source)
    holders = {_first(name) for name in (REPOSITORY, *binds) if name.count("/") > 1} - set(binds)
    return {name: _inside(top, name) for name in holders} | dict(binds)


def check(layer: Path, mounts: Mapping[str, Path]) -> None:
    """Refuse a layer of others that has something else where a mount point must be.

    Raises:
        SandboxError: it has a link or a file there.
    """
    for name in {_first(mount) for mount in mounts} | {"/proc", "/dev"}:
        point = _inside(layer, name)
        if point.is_symlink() or (point.exists() and not point.is_dir()):
            raise SandboxError(f"cannot use {layer} as a layer: its {name} must be a folder, for something is mounted")


def _point(point: Path, source: Path) -> None:
    if source.is_dir():
        point.mkdir(mode=0o755, parents=True, exist_ok=True)
    elif source.exists():
        point.parent.mkdir(mode=0o755, parents=True, exist_ok=True)
        point.touch()
    else:
        raise SandboxError(f"cannot show {source} in a sandbox: it does not exist")


def _inside(top: Path, name: str) -> Path:
    return top / PurePosixPath(name).relative_to("/")


def _first(name: str) -> str:
    return "/" + name.split("/")[1]
