"""Checkouts of kinds: ten by which a stranger tries to reach the host, ten as people have them."""

from __future__ import annotations

import hashlib
import os
import struct
import subprocess
from collections.abc import Callable
from pathlib import Path

Make = Callable[[Path], None]
"""Fills a new, empty folder."""

MARK = "PWNED"
"""Name of the file that code of a checkout leaves in it when it runs outside of a sandbox."""
_NO_BYTES = bytes.fromhex("e69de29bb2d1d6434b8b29ae775ad8c2e48c5391")
"""git's id of an empty file."""
_BUG = "def double(x):\n    return x + x + 1\n"
_TEST = "from m import double\n\n\ndef test_zero():\n    assert double(0) in (0, 1)\n"


def _files(folder: Path, **texts: str) -> None:
    for name, text in {"m.py": _BUG, "test_m.py": _TEST, **texts}.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text)


def _git(folder: Path, *arguments: str) -> str:
    who = ("-c", "user.name=a", "-c", "user.email=a@b")
    return subprocess.run(
        ["git", "-C", str(folder), *who, *arguments], check=True, capture_output=True, text=True
    ).stdout


def _committed(folder: Path, **texts: str) -> None:
    _git(folder, "init", "-q")
    _files(folder, **texts)
    _git(folder, "add", "-A")
    _git(folder, "commit", "-qm", "x")


def _marks(folder: Path) -> str:
    """Return Python that leaves the mark, on this machine alone: a sandbox has no such folder."""
    return f"import os\nif os.path.isdir({str(folder)!r}):\n    open({str(folder / MARK)!r}, 'w')\n"


def _program(folder: Path) -> str:
    """Return a path of a program, outside of the tree, that leaves the mark."""
    program = folder.parent / "program"
    program.write_text(f"#!/bin/sh\ntouch '{folder / MARK}'\ncat\n")
    program.chmod(0o755)
    return str(program)


def _shadows(folder: Path) -> None:
    names = ("pip", "agent", "swebench_runs", "sitecustomize", "usercustomize", "typer")
    _committed(folder, **{f"{name}/{file}.py": _marks(folder) for name in names for file in ("__init__", "__main__")})


def _configured(folder: Path) -> None:
    _committed(folder, **{".gitattributes": "*.py filter=evil diff=evil\n"})
    for key in ("core.fsmonitor", "core.pager", "core.sshCommand", "filter.evil.clean", "filter.evil.smudge"):
        _git(folder, "config", key, _program(folder))
    _git(folder, "config", "diff.evil.textconv", _program(folder))


def _hooks(folder: Path) -> None:
    _committed(folder)
    _git(folder, "config", "core.hooksPath", str(folder / ".git" / "hooks"))
    for name in ("pre-commit", "post-checkout", "post-index-change", "reference-transaction"):
        hook = folder / ".git" / "hooks" / name
        hook.parent.mkdir(exist_ok=True)
        hook.write_text(Path(_program(folder)).read_text())
        hook.chmod(0o755)


def _promisor(folder: Path) -> None:
    _committed(folder, **{"hidden/deep/f": "y\n"})
    for key, value in (
        ("core.repositoryformatversion", "1"),
        ("extensions.partialClone", "origin"),
        ("remote.origin.promisor", "true"),
        ("remote.origin.url", str(folder / "nowhere")),
        ("remote.origin.uploadpack", _program(folder)),
    ):
        _git(folder, "config", key, value)
    lost = _git(folder, "rev-parse", "HEAD:hidden").strip()
    (folder / ".git" / "objects" / lost[:2] / lost[2:]).unlink()


def _index(folder: Path) -> None:
    _files(folder)
    _git(folder, "init", "-q")
    names = (b"../home/.ssh", b"l/.ssh", b"m.py", b"test_m.py")
    (folder / "l").symlink_to(folder.parent / "home")
    body = struct.pack(">4sLL", b"DIRC", 2, len(names))
    for name in names:
        mode = 0o160000 if b"ssh" in name else 0o100644
        entry = struct.pack(">10L20sH", *([0] * 6), mode, 0, 0, 0, _NO_BYTES, len(name)) + name
        body += entry + b"\0" * (8 - len(entry) % 8)
    (folder / ".git" / "index").write_bytes(body + hashlib.sha1(body).digest())


def _links(folder: Path) -> None:
    _files(folder)
    for name, target in (("endless.py", "/proc/self/pagemap"), ("gone.py", "nowhere"), ("passwd.py", "/etc/passwd")):
        (folder / name).symlink_to(target)
    (folder / "home").symlink_to(folder.parent / "home")
    _committed(folder)


def _odd(folder: Path) -> None:
    _committed(folder, **{"a\x1b[31m\nb.py": "x = 1\n", "-rf": "x\n", "$(touch PWNED)": "x\n"})
    os.mkfifo(folder / "fifo.py")


def _alternates(folder: Path) -> None:
    _committed(folder)
    (folder / ".git" / "objects" / "info").mkdir(exist_ok=True)
    (folder / ".git" / "objects" / "info" / "alternates").write_text(str(folder.parent / "home") + "\n")


def _pointing(folder: Path) -> None:
    _files(folder)
    other = folder.parent / "other"
    other.mkdir()
    _committed(other)
    _git(other, "config", "core.fsmonitor", _program(folder))
    (folder / ".git").write_text(f"gitdir: {other / '.git'}\n")


def _running(folder: Path) -> None:
    leaving = _marks(folder) + "import subprocess\nsubprocess.Popen(['setsid', 'sleep', '7000'])\n"
    _committed(folder, **{"conftest.py": leaving, "setup.py": leaving})


def _plain(folder: Path) -> None:
    _files(folder)


def _packed(folder: Path) -> None:
    _committed(folder)
    _git(folder, "gc", "-q")


def _changed(folder: Path) -> None:
    _committed(folder)
    (folder / "notes.txt").write_text("mine\n")
    (folder / "test_m.py").write_text(f"{_TEST}\n# mine\n")


def _staged(folder: Path) -> None:
    _committed(folder)
    (folder / "new.py").write_text("y = 1\n")
    _git(folder, "add", "new.py")


def _branch(folder: Path) -> None:
    _committed(folder)
    _git(folder, "checkout", "-q", "--detach")


def _worktree(folder: Path) -> None:
    main = folder.parent / "main"
    main.mkdir()
    _committed(main)
    folder.rmdir()
    _git(main, "worktree", "add", "-q", str(folder))


HOSTILE: dict[str, Make] = {
    "modules that shadow ours": _shadows,
    "filters and monitors": _configured,
    "hooks": _hooks,
    "a promisor with a program": _promisor,
    "an index that leads out": _index,
    "links that lead out": _links,
    "odd names and files": _odd,
    "alternates elsewhere": _alternates,
    "a .git that names another": _pointing,
    "tests that leave processes": _running,
}
ORDINARY: dict[str, Make] = {
    "no repository": _plain,
    "a repository": _committed,
    "packed objects": _packed,
    "local changes": _changed,
    "staged files": _staged,
    "a detached head": _branch,
    "a work tree": _worktree,
    "a pyproject": lambda folder: _committed(folder, **{"pyproject.toml": '[project]\nname = "m"\nversion = "1"\n'}),
    "an ignore list": lambda folder: _committed(folder, **{".gitignore": "*.log\n"}),
    "a package beside": lambda folder: _committed(folder, **{"pkg/__init__.py": "", "pkg/a.py": "z = 1\n"}),
}
