"""preds.json: SWE-bench's predictions by instance id, as ``run`` and ``select`` write them."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from swebench_runs.run_folder.files import write_whole

PREDICTIONS = "preds.json"


def prediction(instance_id: str, system: str, patch: str, *, abstained: bool, withhold: bool) -> dict[str, Any]:
    """Return one entry; ``withhold``: without the patch where Runoff would not stand by it (``abstained``)."""
    entry: dict[str, Any] = {
        "instance_id": instance_id,
        "model_name_or_path": system,
        "model_patch": "" if abstained and withhold else patch,
    }
    return {**entry, "abstained": True} if abstained else entry


def write_predictions(folder: Path, found: Mapping[str, Mapping[str, Any]]) -> Path:
    """Write preds.json whole into a folder; returns its path."""
    write_whole(folder / PREDICTIONS, json.dumps(found, indent=1) + "\n")
    return folder / PREDICTIONS
