"""The check that makes a fetched model file acceptable: its SHA-256, and nothing else."""

from __future__ import annotations

import hashlib
from pathlib import Path

from agent.models.contract import ModelError
from agent.models.local.catalog import LocalModel


def accept(model: LocalModel, partial: Path) -> None:
    """Put a fetched file in its place; one with another hash is thrown away, which is a ModelError."""
    with partial.open("rb") as file:
        found = hashlib.file_digest(file, "sha256").hexdigest()
    if found != model.sha256:
        partial.unlink()
        raise ModelError(f"{model.file} has the wrong SHA-256 ({found}); it was thrown away, run the fetch again")
    partial.replace(model.path)
