"""The user's file of measured judges, added to."""

from __future__ import annotations

from pathlib import Path

from agent.models.profiles import JudgeWorth
from swebench_runs.config.own_judges import judges_file, measured_judges
from swebench_runs.run_folder.files import write_json


def keep(model: str, judge: str, worth: JudgeWorth, path: Path | None = None) -> Path:
    """Put one judge's measurement in the place of the one before, beside all others; returns the file."""
    place = path or judges_file()
    known = measured_judges(place)
    known[model] = {**known.get(model, {}), judge: worth.model_dump(mode="json")}
    place.parent.mkdir(parents=True, exist_ok=True)
    write_json(place, {"models": known})
    return place
