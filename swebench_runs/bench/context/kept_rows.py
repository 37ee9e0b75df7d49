"""Rows of tasks that are measured, a line each, so that a measurement that ends early goes on where it was."""

from __future__ import annotations

import json
import logging
import os
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from swebench_runs.errors import UsageError

logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class MeasuredRows:
    """A file of rows; None: nothing is kept. Whoever changes what is measured names another file."""

    path: Path | None

    def read(self) -> dict[str, dict[str, Any]]:
        """Return instance id -> row. A last line that was cut off is no row."""
        if self.path is None or not self.path.exists():
            return {}
        found = {}
        for number, line in enumerate(self.path.read_text(encoding="utf-8").splitlines(), start=1):
            try:
                row = json.loads(line)
                found[str(row["instance_id"])] = row
            except (ValueError, KeyError, TypeError) as error:
                logger.warning("%s, line %d is no row and is measured again: %s", self.path, number, error)
        return found

    def add(self, row: dict[str, Any]) -> None:
        """Keep a row, on a line of its own even where the last one was cut off. Raises UsageError."""
        if self.path is None:
            return
        try:
            self.path.parent.mkdir(parents=True, exist_ok=True)
            with self.path.open("a+b") as file:
                file.seek(max(0, file.seek(0, os.SEEK_END) - 1))
                cut_off = file.read() not in (b"", b"\n")
                file.write(b"\n" * cut_off + json.dumps(row).encode() + b"\n")
        except OSError as error:
            raise UsageError(f"--rows {self.path}: {error.strerror}") from error
