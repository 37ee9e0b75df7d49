"""preds.json: SWE-bench's predictions by instance id, as ``run`` and ``select`` write them."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from agent.models.roles import Pool
from swebench_runs.config import RunConfig
from swebench_runs.run_folder.files import write_whole

PREDICTIONS = "preds.json"
CHOSEN = "runoff-select/"
"""How predictions that ``runoff select`` chose begin to name their system."""


MOST_NAMES = 3
"""Models that a system is named after; the others are counted."""


def system_name(config: RunConfig, changes: Sequence[Mapping[str, Any]] = ()) -> str:
    """Return what predictions call the system: its editing models, those that edited earlier included; of a run over
    given candidates, its rule.

    ``changes``: those of run.yaml.
    """
    if config.given:
        return f"{CHOSEN}{config.rule}"
    names = dict.fromkeys(config.pool_of("edit").names)
    for keys in (change["keys"] for change in changes):
        for key in ("model", "roles.edit"):
            if key in keys and keys[key]["was"] and (key != "model" or not config.roles.edit):
                names |= dict.fromkeys(Pool.parse(str(keys[key]["was"])).names)
    more = f"+{len(names) - MOST_NAMES}-more" if len(names) > MOST_NAMES else ""
    return f"runoff-{'+'.join(list(names)[:MOST_NAMES])}{more}"


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
