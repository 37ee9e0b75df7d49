"""Where rows came from, as it is recorded with a run."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable
from typing import Literal

from pydantic import BaseModel, ConfigDict

from swebench_runs.rows.row import Row


class Source(BaseModel):
    """Where rows came from."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    kind: Literal["file", "folder", "task repository", "Hugging Face", "data folder"]
    name: str
    """A path, or the id of a data set on the hub."""
    split: str
    revision: str | None = None
    """The commit on the hub; None elsewhere."""
    sha256: str
    """Of the rows as they were read: equal for equal rows, wherever they come from."""
    note: str = ""
    """What else a reader of the figures must know: that the hub was not reached, and what stood in for it."""

    @property
    def pinned(self) -> str:
        """The subset by which ``load_rows`` finds these very rows again."""
        return f"{self.name}@{self.revision}" if self.revision else self.name


def digest(rows: Iterable[Row]) -> str:
    """Return the SHA-256 of rows in their order."""
    total = hashlib.sha256()
    for row in rows:
        total.update(json.dumps(row.model_dump()).encode())
    return total.hexdigest()
