"""Where the records of ``runoff fix`` are kept."""

from __future__ import annotations

from pathlib import Path

from platformdirs import user_state_path


def fix_records() -> Path:
    """Return the folder with one run's folder for each tree and issue."""
    return user_state_path("runoff") / "fix"
