"""Reading and writing a sandbox's files by commands inside it, where no link leads out."""

from __future__ import annotations

from environments.sandboxes.contract import SandboxError, UnreadableFile
from environments.sandboxes.order import Ended, absolute

_MISSING = 44
_FOLDER = 45

MAX_READ = 128 << 20
"""Bytes of a file that are read into this process's memory: a link may lead to one without end."""
_READ = f'test -f "$1" || exit {_MISSING}; exec head -c {MAX_READ + 1} -- "$1" 2>/dev/null'
# A pipe would block and a dangling link cannot be written through: what is neither a plain writable file nor absent
# is replaced. A plain file is written in place, so that it keeps its mode.
_WRITE = f"""
test -d "$1" && exit {_FOLDER}
mkdir -p -- "$(dirname -- "$1")" || exit 1
if ! test -f "$1" || ! test -w "$1"; then rm -f -- "$1" || exit 1; fi
exec cat > "$1"
"""


def read_command(path: str) -> list[str]:
    """Return the command whose output is the file."""
    return ["/bin/sh", "-c", _READ, "sh", absolute(path)]


def read_answer(path: str, ended: Ended, content: bytes) -> bytes:
    """Return the content, or raise what the exit code stands for."""
    if ended.exit_code == _MISSING:
        raise FileNotFoundError(f"no such file in the sandbox: {path}")
    if ended.killed:
        raise SandboxError(f"cannot read {path} in the sandbox: {ended.killed}")
    if ended.exit_code != 0:
        raise UnreadableFile(f"cannot read {path} in the sandbox: exit code {ended.exit_code}")
    if len(content) > MAX_READ:
        raise UnreadableFile(f"{path} in the sandbox holds over {MAX_READ >> 20} MiB: it is not read")
    return content


def write_command(path: str) -> list[str]:
    """Return the command that writes its standard input to the file."""
    return ["/bin/sh", "-c", _WRITE, "sh", absolute(path)]


def write_answer(path: str, ended: Ended, said: bytes) -> None:
    """Raise what the exit code stands for."""
    if ended.exit_code == _FOLDER:
        raise IsADirectoryError(f"cannot write {path} in the sandbox: it is a folder")
    if ended.exit_code != 0 or ended.killed:
        reason = ended.killed or said.decode(errors="replace").strip() or f"exit code {ended.exit_code}"
        raise SandboxError(f"cannot write {path} in the sandbox: {reason}")
