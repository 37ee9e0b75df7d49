"""The few folders of the host that a Python needs, as the root of a sandbox; nothing else of the host is seen."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from environments.host_programs import find_program
from environments.sandboxes.bubblewrap.shown_folders import python_folders, system_folders
from environments.sandboxes.contract import WORKTREE, SandboxError

PYTHON = "/runoff/python"
"""In the sandbox: where a Python is shown that lives on the host in a folder which the sandbox has of its own."""
OWN_FOLDERS = ("/tmp", "/var/tmp", "/dev", "/proc", "/sys", "/run", "/runoff", WORKTREE)
"""Folders of the sandbox's own: a tree, temporary files. A host's folder bound below one would hide or be hidden."""
TOOLS = "/runoff/bin"
"""In the sandbox: a folder with ``python`` and ``python3``, whatever the host calls its interpreter."""
SITE_PACKAGES = "/runoff/site-packages"
"""In the sandbox: where an environment's own packages are bound; on PYTHONPATH."""


@dataclass(frozen=True)
class HostRoot:
    """What to show of the host, read-only."""

    python: Path
    """The interpreter's path in the sandbox: as on the host, unless it lives in a folder of the sandbox's own."""
    binds: dict[str, Path]
    """Path in the sandbox -> folder or file of the host."""
    links: dict[str, str]
    """Path in the sandbox -> target of a symbolic link, to have ``python`` whatever the host calls it."""
    masked: tuple[str, ...]
    """Folders below the binds that appear empty: a Python's own site-packages, and what lies among libraries."""
    environment: dict[str, str] = field(default_factory=dict)
    """PATH and PYTHONPATH."""


def host_root(python: str | Path | None = None) -> HostRoot:
    """Describe the host's part of a sandbox that runs Python.

    Args:
        python: ``major.minor``, or an interpreter's path (a virtual environment's stands for its base); by
            default the interpreter that runs Runoff.

    Raises:
        SandboxError: this host has no such interpreter.
    """
    found = find_python(python)
    source = found.parent.parent
    prefix = Path(PYTHON) if any(source.is_relative_to(folder) for folder in OWN_FOLDERS) else source
    interpreter = prefix / found.relative_to(source)
    links = {f"{TOOLS}/python": str(interpreter), f"{TOOLS}/python3": str(interpreter)}
    library = _library(found)
    shown = {str(folder.path): folder for folder in system_folders(library)}
    if source != Path("/usr"):
        shown |= {f"{prefix}/{folder.path.relative_to(source)}": folder for folder in python_folders(source, library)}
    binds, same = _mounted({inside: folder.path.resolve() for inside, folder in shown.items()})
    hidden = set[str]()
    for inside in binds:
        origin, masked = shown[inside]
        hidden |= {f"{inside}/{name}" for name in masked}
        hidden |= {f"{inside}/{packages.relative_to(origin)}" for packages in _site_packages(origin, library)}
    path = ":".join([TOOLS, str(interpreter.parent), "/usr/bin", "/bin", "/usr/sbin", "/sbin"])
    return HostRoot(
        python=interpreter,
        binds=binds,
        links={**links, **same},
        masked=tuple(sorted(hidden)),
        environment={"PATH": path, "PYTHONPATH": SITE_PACKAGES},
    )


def _mounted(sources: dict[str, Path]) -> tuple[dict[str, Path], dict[str, str]]:
    """Divide what is shown into mounts, which each command pays for, and links to a mount of the same folder.

    What lies directly below ``/`` is a mount: a link in the sandbox's own root could be turned by a command, and with
    it the loader of every later command.
    """
    binds: dict[str, Path] = {}
    links: dict[str, str] = {}
    places: dict[Path, str] = {}
    for inside in sorted(sources, key=lambda name: (name.count("/"), name)):
        place = places.setdefault(sources[inside], inside)
        if place == inside or inside.count("/") == 1:
            binds[inside] = sources[inside]
        else:
            links[inside] = place
    return binds, links


def find_python(python: str | Path | None = None) -> Path:
    """Return the real path of an interpreter, behind virtual environments and links.

    Raises:
        SandboxError: this host has no such interpreter.
    """
    if isinstance(python, Path):
        if _is_installation(python):
            return python.resolve()
        raise SandboxError(f"{python} is not a Python installation: name an interpreter with its library beside it")
    running = f"{sys.version_info.major}.{sys.version_info.minor}"
    for candidate in _interpreters(python or running):
        if _is_installation(candidate):
            return candidate.resolve()
    raise SandboxError(f"no Python {python} on this host: install it (pyenv install {python}, or uv python install)")


def _interpreters(version: str) -> Iterator[Path]:
    name = f"python{version}"
    if version == f"{sys.version_info.major}.{sys.version_info.minor}":
        yield Path(sys.base_prefix) / "bin" / name
    pyenv = Path(os.environ.get("PYENV_ROOT") or _home() / ".pyenv") / "versions"
    yield from sorted(pyenv.glob(f"{version}.*/bin/{name}"), reverse=True)
    uv = Path(os.environ.get("UV_PYTHON_INSTALL_DIR") or _home() / ".local/share/uv/python")
    yield from sorted(uv.glob(f"cpython-{version}.*/bin/{name}"), reverse=True)
    yield Path("/usr/local/bin") / name
    on_path = find_program(name)
    if on_path:
        yield Path(on_path)


def _home() -> Path:
    """Return the user's home folder; one that cannot be known is nowhere, and holds no Python."""
    return Path(os.path.expanduser("~"))  # noqa: PTH111 - Path.home() raises where there is none


def _is_installation(interpreter: Path) -> bool:
    return interpreter.is_file() and bool(_libraries(interpreter.resolve()))


def _libraries(interpreter: Path) -> list[str]:
    """Return the names of the library folders of an installation: ``python3.11``."""
    prefix = interpreter.parent.parent
    return [found.parent.name for name in ("lib", "lib64") for found in sorted((prefix / name).glob("python3*/os.py"))]


def _library(interpreter: Path) -> str:
    found = _libraries(interpreter)
    return interpreter.name if interpreter.name in found else found[0]


def _site_packages(folder: Path, library: str) -> Iterator[Path]:
    """Give folders of other packages below a library folder, or below one that holds it."""
    for name in ("site-packages", "dist-packages"):
        places = (folder / name, folder / library / name)
        yield from (path for path in places if path.is_dir() and folder.name in (library, "lib", "lib64"))
