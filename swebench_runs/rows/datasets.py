"""Data sets on disk: where their files are, and their rows."""

from __future__ import annotations

import os
from collections.abc import Collection, Iterator, Sequence
from pathlib import Path
from typing import Any

from swebench_runs.errors import UsageError
from swebench_runs.rows.parquet import parquet_records
from swebench_runs.rows.records import Unread, records

DATA = "RUNOFF_DATA"
"""The environment variable that names the folder of data set files."""
SUBSETS = {"lite": "swebench_lite.jsonl.gz", "verified": "swebench_verified.jsonl.gz"}
"""Subset -> the file of the data folder that has its rows."""
PATCH_POOL = "patch_pool.jsonl.gz"
"""The file of the data folder that has graded patches."""
STATEMENT = ("instance_id", "problem_statement")


def data_folder() -> Path:
    """Return the folder of data set files: $RUNOFF_DATA, else the one beside the checkout."""
    given = os.environ.get(DATA)
    return Path(given) if given else Path(__file__).resolve().parents[3] / "shared" / "data"


def placed_rows(
    path: Path, columns: Collection[str] | None = None, *, what: str = "SWE-bench row"
) -> Iterator[tuple[str, dict[str, Any]]]:
    """Yield the rows of a JSON, JSONL (compressed by gzip or not) or parquet file, each with its place.

    ``columns``: of a parquet file, only these are read. UsageError, with the place, for what cannot be read.
    """
    for record in parquet_records(path, columns) if path.suffix == ".parquet" else records(path):
        if isinstance(record, Unread):
            raise UsageError(f"{record.source}: {record.reason}")
        if not isinstance(record.value, dict):
            raise UsageError(f"{path}{record.where} is no {what}: it has no keys")
        yield f"{path}{record.where}", record.value


def read_rows(path: Path, *needed: str, what: str = "SWE-bench row") -> Iterator[dict[str, Any]]:
    """Yield the rows of a file as ``placed_rows`` does, without their places.

    UsageError, with the place, for what cannot be read and for a row without the keys that are needed.
    """
    for where, row in placed_rows(path, what=what):
        if not row.keys() >= set(needed):
            raise UsageError(f"{where} is no {what}: it needs {', '.join(needed)}")
        yield row


def problem_statements(files: Sequence[Path] = ()) -> dict[str, str]:
    """Return instance id -> problem statement of the given files, else of those in the data folder.

    Nothing else of a row is looked at.
    """
    paths = files or [path for name in SUBSETS.values() if (path := data_folder() / name).is_file()]
    rows = (row for path in paths for row in read_rows(path, *STATEMENT))
    return {str(row["instance_id"]): str(row["problem_statement"]) for row in rows}
