"""Programs of this host, started for the user who may stand in a stranger's folder: which, and with what variables."""

from __future__ import annotations

import os
import re
import shutil
from pathlib import Path

NEUTRAL_FOLDER = "/"
"""Where children work that need no folder of their own: a program that looks about itself finds nobody's files."""
_STEERING = re.compile(r"(PYTHON|GIT_|BASH_FUNC_).*|BASH_ENV|ENV", re.DOTALL)
"""Variables by which a child reads or runs more than it was started for."""


def search_path() -> str:
    """Return the user's PATH without its relative parts: an empty one, or ".", is where the user stands."""
    parts = os.environ.get("PATH", os.defpath).split(os.pathsep)
    return os.pathsep.join(part for part in parts if Path(part).is_absolute())


def find_program(name: str) -> str | None:
    """Return the absolute path of a program; None where this host has none, whatever lies in the current folder."""
    return shutil.which(name, path=search_path())


def host_environment() -> dict[str, str]:
    """Return the user's variables for a child of this host, without those that steer Python, git or a shell."""
    kept = {name: value for name, value in os.environ.items() if not _STEERING.fullmatch(name)}
    return {**kept, "PATH": search_path()}
