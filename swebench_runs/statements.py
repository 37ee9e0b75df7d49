"""Problem statements by instance id, read from datasets on disk."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path

from swebench_runs.bench.examples import read_rows

DATA = "RUNOFF_DATA"
"""The environment variable that names the folder of dataset files."""
_KNOWN = ("swebench_lite.jsonl.gz", "swebench_verified.jsonl.gz")


def data_folder() -> Path:
    """Return the folder of dataset files: $RUNOFF_DATA, else the one beside the checkout."""
    given = os.environ.get(DATA)
    return Path(given) if given else Path(__file__).resolve().parents[2] / "shared" / "data"


def problem_statements(files: Sequence[Path] = ()) -> dict[str, str]:
    """Return instance id -> problem statement of the given dataset files, else of those in the data folder."""
    paths = files or [path for name in _KNOWN if (path := data_folder() / name).is_file()]
    return {str(row["instance_id"]): str(row["problem_statement"]) for path in paths for row in read_rows(path)}
