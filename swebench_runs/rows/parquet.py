"""Parquet files to rows, as ``records`` reads JSON ones. pyarrow is imported when one is read."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from pathlib import Path

from swebench_runs.errors import EnvironmentMissing
from swebench_runs.rows.records import Record, Unread

BATCH = 64
"""Rows in memory at a time: one row may weigh megabytes."""
_POINTER = b"version https://git-lfs"


def parquet_records(path: Path, columns: Collection[str] | None = None) -> Iterator[Record | Unread]:
    """Yield the rows of a parquet file as dicts, and what is unreadable.

    ``columns``: only these, named in small letters, are read; None: all.
    EnvironmentMissing without pyarrow.
    """
    try:
        import pyarrow
        from pyarrow.parquet import ParquetFile
    except ImportError:
        raise EnvironmentMissing(f"reading {path} takes pyarrow: pip install 'runoff[swebench]'") from None
    try:
        with path.open("rb") as content:
            if content.read(len(_POINTER)) == _POINTER:
                yield Unread(str(path), "is a pointer of git LFS and not the file: run git lfs pull where it lies")
                return
        with ParquetFile(path) as file:
            names = None if columns is None else [name for name in file.schema_arrow.names if name.lower() in columns]
            number = 0
            for batch in file.iter_batches(batch_size=BATCH, columns=names):
                for value in batch.to_pylist():
                    number += 1
                    yield Record(f", row {number}", value)
    except (pyarrow.ArrowException, OSError, ValueError) as error:
        yield Unread(str(path), f"cannot be read as parquet: {' '.join(str(error).split())[:200]}")
