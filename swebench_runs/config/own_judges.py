"""How judges did on a user's own graded patches: the user's file, written by ``runoff verifier calibrate``."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from platformdirs import user_config_path

from agent.models.profiles import JudgeWorth
from swebench_runs.run_folder.versioned import read_values, write_json

FILE = "judges.json"


def judges_file() -> Path:
    """Return where the file is: in the user's folder of configuration."""
    return user_config_path("runoff") / FILE


def measured_judges(path: Path | None = None) -> dict[str, Any]:
    """Return model -> judge -> what was measured, as it is written; nothing where there is no file.

    Raises UsageError for a damaged one.
    """
    values = read_values(path or judges_file()) or {}
    found = values.get("models")
    return dict(found) if isinstance(found, dict) else {}


def keep(model: str, judge: str, worth: JudgeWorth, path: Path | None = None) -> Path:
    """Put one judge's measurement in the place of the one before, beside all others; returns the file."""
    place = path or judges_file()
    known = measured_judges(place)
    known[model] = {**known.get(model, {}), judge: worth.model_dump(mode="json")}
    place.parent.mkdir(parents=True, exist_ok=True)
    write_json(place, {"models": known})
    return place
