"""Python started on this host. It imports nothing of the folder in which the user stands, which may be a stranger's."""

from __future__ import annotations

import os
import site
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from environments.host_programs import NEUTRAL_FOLDER, host_environment, search_path

_MODULE_FROM = (
    "import runpy, sys; sys.path.append(sys.argv.pop(1)); "
    "runpy.run_module(sys.argv.pop(1), run_name='__main__', alter_sys=True)"
)
_QUIET = {"RUSTUP_HOME": os.devnull}
"""pip asks every rustc on the PATH for its version, and rustup's writes settings into the user's home at that."""


@dataclass(frozen=True)
class HostPython:
    """How to start it: for ``subprocess.run(child.command, env=child.environment, cwd=child.folder)``."""

    command: list[str]
    environment: dict[str, str]
    folder: str = NEUTRAL_FOLDER


def host_python(
    *arguments: str, variables: Mapping[str, str] | None = None, python: str | Path | None = None
) -> HostPython:
    """Return how to start an interpreter on this host, isolated: the only way in which Runoff's packages may.

    Args:
        arguments: what follows the interpreter: ``"-m", "pip", "download", ...``; paths must be absolute.
        variables: set beside the user's own, which lose all that steers Python.
        python: the interpreter; by default the one that runs Runoff.
    """
    command = [str(python or sys.executable), *_isolation(), *arguments]
    return HostPython(command, {**host_environment(), **_QUIET, **(variables or {})})


def python_module(
    name: str, *arguments: str, found_in: Path, python: Path | None = None, variables: Mapping[str, str] | None = None
) -> HostPython:
    """Return how an interpreter runs a module of ours, which it finds in ``found_in``, after all of its own.

    ``python`` is another one than Runoff's own.
    """
    return host_python("-c", _MODULE_FROM, str(found_in), name, *arguments, variables=variables, python=python)


def forget_current_folder() -> None:
    """Keep this process and its children from importing what lies where the user stands.

    ``python -m`` and an empty part of PYTHONPATH put that folder on the import path. It stays when it is Runoff's own.
    Relative parts of PATH go, too: libraries start programs by their bare names.
    """
    os.environ["PYTHONSAFEPATH"] = "1"
    os.environ["PATH"] = search_path()
    own = Path(__file__).resolve().parent.parent
    here = Path.cwd() if _has_current_folder() else None
    if here != own:
        sys.path[:] = [part for part in sys.path if part not in ("", ".", str(here))]


def _has_current_folder() -> bool:
    try:
        Path.cwd()
    except FileNotFoundError:
        return False
    return True


def _isolation() -> list[str]:
    """``-I``; for a Runoff that pip installed into the user's own site folder the same but for that folder."""
    user_site = site.getusersitepackages() if site.ENABLE_USER_SITE else None
    if user_site and Path(__file__).resolve().is_relative_to(Path(user_site).resolve()):
        return ["-E", "-P"]
    return ["-I"]
