"""Which tasks ``runoff select`` is asked about, and their issues."""

from __future__ import annotations

import difflib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from swebench_runs import splits
from swebench_runs.errors import UsageError
from swebench_runs.predictions import Unread
from swebench_runs.predictions.records import records
from swebench_runs.statements import DATA, data_folder

DATASETS = {"lite": "swebench_lite.jsonl.gz", "verified": "swebench_verified.jsonl.gz"}
"""Subset -> the file of the data folder that has its rows."""


@dataclass(frozen=True)
class Asked:
    """The tasks asked for."""

    instances: tuple[str, ...] | None
    """None: whatever the candidates are for."""
    issues: dict[str, str]
    """Instance id -> problem statement, as far as known."""


def asked_for(subset: str | None, statements: Sequence[Path]) -> Asked:
    """Return the tasks of a subset (lite, verified, starter, a file of SWE-bench rows), and the issues known.

    ``statements``: more files of SWE-bench rows, whose issues come first. Raises UsageError.
    """
    tasks = None if subset is None else _subset(subset)
    issues = dict(tasks or {})
    for path in statements:
        issues.update(_rows(path))
    return Asked(None if tasks is None else tuple(tasks), issues)


def _subset(name: str) -> dict[str, str]:
    if name in DATASETS:
        path = data_folder() / DATASETS[name]
        if not path.is_file():
            raise UsageError(f"the rows of {name} are not at {path}: set {DATA} to the folder that has {path.name}")
        return _rows(path)
    if name in splits.NAMES:
        return {task.instance_id: task.problem_statement for task in splits.load(name).tasks()}
    if Path(name).is_file():
        return _rows(Path(name))
    known = (*DATASETS, *splits.NAMES)
    close = difflib.get_close_matches(name, known, n=1)
    hint = f"did you mean {close[0]}?" if close else f"use {', '.join(known)}, or a file of SWE-bench rows"
    raise UsageError(f"no subset {name!r}: {hint}")


def _rows(path: Path) -> dict[str, str]:
    """Return instance id -> problem statement; nothing else of a row is looked at."""
    found = dict(_statements(path))
    if not found:
        raise UsageError(f"{path} holds no SWE-bench row: each needs instance_id and problem_statement")
    return found


def _statements(path: Path) -> Iterator[tuple[str, str]]:
    for record in records(path):
        if isinstance(record, Unread):
            raise UsageError(f"{record.source}: {record.reason}")
        row = record.value if isinstance(record.value, dict) else {}
        name, statement = row.get("instance_id"), row.get("problem_statement")
        if not isinstance(name, str) or not isinstance(statement, str):
            raise UsageError(f"{path}{record.where} is no SWE-bench row: it needs instance_id and problem_statement")
        yield name, statement
