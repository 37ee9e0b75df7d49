"""Where Runoff keeps what it knows of images on this machine: logs of builds, locks, and when each was last used."""

from __future__ import annotations

import hashlib
import re
from contextlib import AbstractContextManager
from pathlib import Path
from urllib.parse import quote

from platformdirs import user_cache_path


def image_folder() -> Path:
    """Return the folder, ``images`` in the user's cache."""
    return user_cache_path("runoff") / "images"


def log_path(folder: Path, name: str) -> Path:
    """Return where the log of a build, or of another job that ``name`` names, is kept."""
    return folder / "logs" / f"{_plain(name)}.log"


def locked(folder: Path, name: str) -> AbstractContextManager[object]:
    """Give the lock of one image: of several threads and processes of this machine, one at a time has it."""
    from filelock import FileLock

    place = folder / "locks"
    place.mkdir(parents=True, exist_ok=True)
    return FileLock(place / f"{_plain(name)}.lock")


def touch_use(folder: Path, reference: str) -> None:
    """Record that an image is used now."""
    place = folder / "used"
    place.mkdir(parents=True, exist_ok=True)
    (place / quote(reference, safe="")).touch()


def last_use(folder: Path, reference: str) -> float | None:
    """Return when an image was last used, in seconds since 1970; None: never that anyone here knows."""
    try:
        return (folder / "used" / quote(reference, safe="")).stat().st_mtime
    except OSError:
        return None


def forget_use(folder: Path, reference: str) -> None:
    """Forget an image that is gone."""
    (folder / "used" / quote(reference, safe="")).unlink(missing_ok=True)


def _plain(name: str) -> str:
    """Return a name as one that a file can have; what is too long or odd is told apart by a hash."""
    plain = re.sub(r"[^A-Za-z0-9_.-]+", "-", name)
    return plain if len(plain) < 120 else f"{plain[:80]}-{hashlib.sha256(name.encode()).hexdigest()[:12]}"
