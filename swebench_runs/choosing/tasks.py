"""Which tasks ``runoff select`` is asked about, and their issues."""

from __future__ import annotations

import difflib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from swebench_runs import splits
from swebench_runs.errors import UsageError
from swebench_runs.rows import load_rows
from swebench_runs.rows.datasets import STATEMENT, SUBSETS, data_folder, problem_statements
from swebench_runs.rows.names import is_short


@dataclass(frozen=True)
class Asked:
    """The tasks asked for."""

    instances: tuple[str, ...] | None
    """None: whatever the candidates are for."""
    issues: dict[str, str]
    """Instance id -> problem statement, as far as known."""


def asked_for(subset: str | None, statements: Sequence[Path]) -> Asked:
    """Return the tasks of a subset (lite, verified, starter, a file or folder of SWE-bench rows), and the issues known.

    ``statements``: more files of SWE-bench rows, whose issues come first. Raises UsageError.
    """
    tasks = None if subset is None else _subset(subset)
    issues = dict(tasks or {})
    for path in statements:
        issues.update(_rows(path))
    return Asked(None if tasks is None else tuple(tasks), issues)


def _subset(name: str) -> dict[str, str]:
    if name in SUBSETS and (path := data_folder() / SUBSETS[name]).is_file():
        return _rows(path)
    if name in splits.NAMES:
        return {task.instance_id: task.problem_statement for task in splits.load(name).tasks()}
    if Path(name).is_file():
        return _rows(Path(name))
    if Path(name).is_dir() or is_short(name) or "/" in name:
        return {row.instance_id: row.problem_statement for row in load_rows(name).rows}
    known = (*SUBSETS, *splits.NAMES)
    close = difflib.get_close_matches(name, known, n=1)
    hint = f"did you mean {close[0]}?" if close else f"use {', '.join(known)}, or a file or folder of SWE-bench rows"
    raise UsageError(f"no subset {name!r}: {hint}")


def _rows(path: Path) -> dict[str, str]:
    if not (found := problem_statements([path])):
        raise UsageError(f"{path} holds no SWE-bench row: each needs {' and '.join(STATEMENT)}")
    return found
