"""What is to be graded of a folder that ``runoff select`` wrote: the choice, or every candidate."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from swebench_runs.choosing.account import ACCOUNT
from swebench_runs.errors import UsageError
from swebench_runs.run_folder.files import read_values
from swebench_runs.run_folder.predictions import PREDICTIONS


def to_be_graded(paths: Iterable[Path], *, everything: bool) -> list[Path]:
    """Return what to read: of a folder of ``runoff select`` its choice, and with ``everything`` its candidates.

    Raises UsageError where the candidates' files are no longer where they were.
    """
    found: list[Path] = []
    for path in paths:
        if not (path / ACCOUNT).is_file():
            found.append(path)
            continue
        found.append(path / PREDICTIONS)
        if everything:
            found += _candidates(path)
    return found


def _candidates(folder: Path) -> list[Path]:
    account = read_values(folder / ACCOUNT) or {}
    files = [Path(name) for name in account.get("files") or ()]
    if gone := [file for file in files if not file.is_file()]:
        raise UsageError(f"{folder} was chosen among {gone[0]}, which is not there: run this where `select` was run")
    return files
