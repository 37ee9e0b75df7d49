"""Which folders of the host a sandbox is shown: a list of what a Python and a few tools need, and nothing else.

A host's ``/usr`` holds copies of packages in many places (tools that bring their own, other Pythons), perhaps of the
very one whose bug is to be found. So nothing is shown that is not listed here.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

_PROGRAMS = ("/usr/bin", "/usr/sbin", "/bin", "/sbin")
_LIBRARIES = (
    *("/usr/lib", "/usr/lib32", "/usr/lib64", "/usr/libx32", "/usr/libexec"),
    *("/lib", "/lib32", "/lib64", "/libx32"),  # most systems have these as links into /usr
)
_OF_TOOLS = frozenset({"gcc", "git-core", "locale", "terminfo"})
"""Folders among the libraries that a compiler, git, a locale and a terminal need."""
_DATA = (
    *("/usr/include", "/usr/share/git-core", "/usr/share/terminfo", "/usr/share/zoneinfo"),
    *("/etc/alternatives", "/etc/ld.so.cache"),
)
"""Headers and data of those tools; parts of /etc that the system's folders point into, and that hold no settings."""
_C_LIBRARY = ("libc.so*", "ld-*.so*")


class Shown(NamedTuple):
    """A folder or file of the host that is shown, and folders directly in it that appear empty."""

    path: Path
    masked: tuple[str, ...] = ()


def system_folders(python: str) -> Iterator[Shown]:
    """Give what is shown of the system; ``python``: ``python3.11``, the library folder of a Python that it has."""
    for name in _PROGRAMS:
        yield from _there(Path(name))
    for name in _LIBRARIES:
        machine = {found.parent.name for found in Path(name).glob("*/libc.so*")}
        yield from _libraries(Path(name), {python, *_OF_TOOLS, *machine}, _C_LIBRARY)
    for name in _DATA:
        yield from _there(Path(name))


def python_folders(prefix: Path, python: str) -> Iterator[Shown]:
    """Give what is shown of a Python that is installed in a folder of its own: programs, library, headers."""
    yield from _there(prefix / "bin")
    for name in ("lib", "lib64"):
        if not (prefix / name).is_symlink():
            yield from _libraries(prefix / name, {python}, ("*.so*",))
    yield from _there(prefix / "include")


def _libraries(folder: Path, allowed: set[str], flat: tuple[str, ...]) -> Iterator[Shown]:
    """Give the allowed folders in a folder; where libraries lie in it themselves, all of it without the other ones."""
    if not folder.is_dir():
        return
    inner = sorted(path.name for path in folder.iterdir() if path.is_dir() and not path.is_symlink())
    if any(any(folder.glob(pattern)) for pattern in flat):
        yield Shown(folder, tuple(name for name in inner if name not in allowed))
    else:
        yield from (Shown(folder / name) for name in inner if name in allowed)


def _there(path: Path) -> Iterator[Shown]:
    if path.exists():
        yield Shown(path)
