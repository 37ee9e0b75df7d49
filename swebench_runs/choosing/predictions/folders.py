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

    Of the folder of a Runoff run these are its tasks' ballots alone. Links are followed, each folder is walked once;
    one that cannot be listed is yielded itself, so that reading it says why.
    """
    if not path.is_dir():
        yield path
        return
    walked: set[Path] = set()
    closed: list[Path] = []
    for name, folders, files in os.walk(
        path, onerror=lambda error: closed.append(Path(error.filename)), followlinks=True
    ):
        folder = Path(name)
        if folder.resolve() in walked:
            folders.clear()
            continue
        walked.add(folder.resolve())
        folders[:] = sorted(inner for inner in folders if not inner.startswith("."))
        if "run.yaml" in files and "tasks" in folders:
            folders.clear()
            yield from _of_a_run(folder / "tasks")
        else:
            yield from (folder / file for file in sorted(files) if _may_hold(folder / file))
    yield from closed


def _may_hold(path: Path) -> bool:
    return path.name.endswith(_ENDINGS) and not path.name.startswith(".") and not path.is_fifo()


def _of_a_run(tasks: Path) -> Iterator[Path]:
    for task in sorted(tasks.iterdir()):
        found = next((task / name for name in _OF_A_TASK if (task / name).is_file()), None)
        if found is not None:
            yield found
