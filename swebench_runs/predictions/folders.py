"""Which files of a folder may hold predictions."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

_ENDINGS = tuple(end + zipped for end in (".json", ".jsonl", ".traj", ".pred") for zipped in ("", ".gz"))
_OF_A_TASK = ("ballot.json", "candidates.json")
"""Where a task of a Runoff run has its candidates: in the first of these that is there."""


def candidate_files(path: Path) -> Iterator[Path]:
    """Yield the files that may hold predictions: the path itself, or those below it, in the order of their names.

    Of the folder of a Runoff run these are its tasks' ballots alone. Links to folders are not followed.
    """
    if not path.is_dir():
        yield path
        return
    for name, folders, files in os.walk(path):
        folder = Path(name)
        folders[:] = sorted(f for f in folders if not f.startswith("."))
        if "run.yaml" in files and "tasks" in folders:
            folders.clear()
            yield from _of_a_run(folder / "tasks")
        else:
            yield from (folder / file for file in sorted(files) if file.endswith(_ENDINGS) and not file.startswith("."))


def _of_a_run(tasks: Path) -> Iterator[Path]:
    for task in sorted(tasks.iterdir()):
        found = next((task / name for name in _OF_A_TASK if (task / name).is_file()), None)
        if found is not None:
            yield found
