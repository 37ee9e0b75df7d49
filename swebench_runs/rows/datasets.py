"""Data sets on disk: where their files are, and their rows."""

from __future__ import annotations

import logging
import os
from collections.abc import Collection, Iterator, Sequence
from pathlib import Path
from typing import Any

from swebench_runs.errors import UsageError
from swebench_runs.rows.parquet import parquet_records
from swebench_runs.rows.records import Record, Unread, records
from swebench_runs.rows.values import is_missing

DATA = "RUNOFF_DATA"
"""The environment variable that names the folder of data set files."""
SUBSETS = {"lite": "swebench_lite.jsonl.gz", "verified": "swebench_verified.jsonl.gz"}
"""Subset -> the file of the data folder that has its rows."""
PATCH_POOL = "patch_pool.jsonl.gz"
"""The file of the data folder that has graded patches."""
logger = logging.getLogger(__name__)
STATEMENT = ("instance_id", "problem_statement")
_OTHERS = (
    ".csv",
    ".tsv",
    ".xlsx",
    ".xls",
    ".yaml",
    ".yml",
    ".arrow",
    ".feather",
    ".pkl",
    ".pickle",
    ".zip",
    ".md",
    ".txt",
)
"""Endings of files that people keep tables in and that are not read."""


def data_folder() -> Path:
    """Return the folder of data set files: $RUNOFF_DATA, else the one beside the checkout."""
    given = os.environ.get(DATA)
    return Path(given) if given else Path(__file__).resolve().parents[3] / "shared" / "data"


def placed_rows(
    path: Path, columns: Collection[str] | None = None, *, what: str = "SWE-bench row"
) -> Iterator[tuple[str, dict[str, Any]]]:
    """Yield the rows of a file as ``entries`` does. UsageError, with the place, for what cannot be read."""
    for where, value in entries(path, columns, what=what):
        if isinstance(value, Unread):
            raise UsageError(f"{value.source}: {value.reason}")
        yield where, value


def entries(
    path: Path, columns: Collection[str] | None = None, *, what: str = "SWE-bench row"
) -> Iterator[tuple[str, dict[str, Any] | Unread]]:
    """Yield the rows of a JSON, JSONL (compressed by gzip or not) or parquet file, and what is none, with their places.

    A JSON document may be a list of rows, one row, rows by instance id, or a table as pandas writes it.
    ``columns``: of a parquet file only these, in small letters, are read.
    """
    if path.suffix.lower() in _OTHERS:
        yield (
            str(path),
            Unread(str(path), f"is {path.suffix[1:]}: rows are read from JSON, JSONL (.gz too) and parquet"),
        )
        return
    for record in parquet_records(path, columns) if path.suffix == ".parquet" else records(path):
        if isinstance(record, Unread):
            yield record.source, record
            continue
        for place, value in _gathered(record):
            where = f"{path}{place}"
            yield where, value if isinstance(value, dict) else Unread(where, f"is no {what}: it has no keys")


def _gathered(record: Record) -> Iterator[tuple[str, Any]]:
    """Yield the rows that one value holds: itself, those it has by id or in a list, or those of its columns."""
    value = record.value
    if (listed := _listed(value)) is not None:
        key, rows = listed
        for number, row in enumerate(rows):
            # The hub's own service has each row in an envelope.
            yield f"{record.where}[{key!r}][{number}]", row["row"] if isinstance(row.get("row"), dict) else row
        return
    inner = list(value.values()) if isinstance(value, dict) else []
    if not inner or not all(isinstance(one, dict) for one in inner):
        yield record.where, value
    elif "instance_id" in value:  # a column each, its values by number
        for number in value["instance_id"]:
            yield f"{record.where}[{number}]", {key: column.get(number) for key, column in value.items()}
    else:
        for name, row in value.items():
            yield f"{record.where}[{name!r}]", {"instance_id": name, **row}


def _listed(value: Any) -> tuple[str, list[dict[str, Any]]] | None:
    """Return the one list of objects that an object has which is itself no row, and its key; None for any other."""
    if not isinstance(value, dict) or "instance_id" in value or "repo" in value:
        return None
    lists = [
        (key, inner)
        for key, inner in value.items()
        if isinstance(inner, list) and inner and all(isinstance(one, dict) for one in inner)
    ]
    rows = [(key, inner) for key, inner in lists if any({"instance_id", "row", "org"} & one.keys() for one in inner)]
    return rows[0] if len(rows) == 1 else None


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

    Nothing else of a row is looked at. What is no row is logged and passed over, as long as a file has others;
    UsageError for a file without any.
    """
    paths = files or [path for name in SUBSETS.values() if (path := data_folder() / name).is_file()]
    return {name: text for path in paths for name, text in _statements(path).items()}


def _statements(path: Path) -> dict[str, str]:
    found: dict[str, str] = {}
    bad = list[str]()
    for where, value in entries(path):
        if isinstance(value, Unread):
            bad.append(f"{value.source}: {value.reason}")
        elif value.keys() >= set(STATEMENT):
            name, text = value["instance_id"], value["problem_statement"]
            found[str(name)] = "" if is_missing(text, text_counts=True) else str(text)
        else:
            bad.append(f"{where} is no SWE-bench row: it needs {', '.join(STATEMENT)}")
    if bad and not found:
        raise UsageError(bad[0])
    if bad:
        logger.warning("%d rows of %s cannot be read, e.g. %s", len(bad), path, bad[0])
    return found
