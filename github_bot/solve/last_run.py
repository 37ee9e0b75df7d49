"""The record of a request's run, read back from its folder."""

from __future__ import annotations

from pathlib import Path

from swebench_runs.after_run.graded_tasks import graded_task
from swebench_runs.figures.metrics import GradedTask
from swebench_runs.run_folder.store import Run


def folder_of(records: Path, repository: str, issue: int) -> Path:
    """Return the folder with every run on an issue, those of later rounds included."""
    return records / repository.replace("/", "+").lower() / f"issue-{issue}"


def run_in(folder: Path) -> GradedTask | None:
    """Return what the newest run in a folder came to; None where none began."""
    place = place_of(folder)
    if place is None:
        return None
    run = Run.load(place)
    return graded_task(run, run.instances[0], None)


def place_of(folder: Path) -> Path | None:
    """Return where the newest run in a folder lies; None where none began."""
    begun = sorted(folder.glob("*/run.yaml"), key=lambda path: path.stat().st_mtime)
    return begun[-1].parent if begun else None


def newest_in(folder: Path) -> GradedTask | None:
    """Return what the newest run of any request on an issue came to; None where none began."""
    begun = sorted(folder.glob("*/*/run.yaml"), key=lambda path: path.stat().st_mtime)
    return run_in(begun[-1].parent.parent) if begun else None
