"""Whose a container, image or volume of Runoff's is: a label that outlives Runoff, so that ``clean`` can tell."""

from __future__ import annotations

import hashlib
import platform
from collections.abc import Mapping
from pathlib import Path

from pydantic import ValidationError

from environments.sandboxes.leftovers import Label, new_label

MARK = "dev.runoff.sandbox"
"""On all that belongs to a sandbox, and on nothing else."""
RUN = "dev.runoff.run"
_OWNER = "dev.runoff.owner"
_MACHINE = "dev.runoff.machine"


def labels(run_id: str) -> dict[str, str]:
    """Return the labels of what this process makes for a run."""
    return {MARK: "1", RUN: run_id, _OWNER: new_label(run_id).model_dump_json(), _MACHINE: _machine()}


def has_owner(found: Mapping[str, str]) -> bool:
    """Say whether the Runoff that made it may still run; of another machine's only the expiry tells."""
    try:
        label = Label.model_validate_json(found.get(_OWNER, ""))
    except ValidationError:
        return False
    return label.is_fresh() if found.get(_MACHINE) != _machine() else label.has_owner()


def _machine() -> str:
    """Return a name of this machine that says nothing about it; several may share a remote engine."""
    try:
        known = Path("/etc/machine-id").read_text().strip()
    except OSError:
        known = ""
    return hashlib.sha256(f"runoff {known or platform.node()}".encode()).hexdigest()[:16]
