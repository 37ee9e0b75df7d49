"""The files that ``runoff select`` writes: the predictions, and why each was chosen."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import Any

from swebench_runs.choosing.choose import Choice
from swebench_runs.choosing.predictions import Reading
from swebench_runs.choosing.select import Selection
from swebench_runs.errors import UsageError
from swebench_runs.run_folder.files import write_json
from swebench_runs.run_folder.predictions import CHOSEN, PREDICTIONS, prediction, write_predictions

ACCOUNT = "selection.json"


def write(selection: Selection, folder: Path, *, min_confidence: float, abstain: bool) -> tuple[Path, Path]:
    """Write both files into ``folder``; returns their paths. UsageError where that would overwrite a candidate."""
    predictions, account = folder / PREDICTIONS, folder / ACCOUNT
    read = {file.resolve() for file in selection.reading.files}
    for path in (predictions, account):
        if path.resolve() in read:
            raise UsageError(f"{path} is one of the candidates' files: choose another -o")
    system = CHOSEN + selection.selector.name
    found = {
        name: prediction(name, system, choice.patch, abstained=choice.abstained, withhold=abstain)
        for name, choice in selection.choices.items()
    }
    write_predictions(folder, found)
    write_json(account, _account(selection, min_confidence=min_confidence, abstain=abstain))
    return predictions, account


def _account(selection: Selection, *, min_confidence: float, abstain: bool) -> dict[str, Any]:
    verifier = selection.selector.verifier
    return {
        "rule": selection.selector.name,
        "verifier": verifier.version if verifier else None,
        "min_confidence": min_confidence if verifier else None,
        "withheld": abstain,
        **reading_told(selection.reading),
        "outside_the_subset": selection.outside,
        "tasks": {name: _task(choice) for name, choice in selection.choices.items()},
    }


def reading_told(reading: Reading) -> dict[str, Any]:
    """Return what an account says of the files that candidates were read from."""
    files: dict[str, dict[str, Any]] = {}
    for found in reading.predictions:
        entry = files.setdefault(str(found.file), {"form": found.form, "predictions": 0})
        entry["predictions"] += 1
    return {
        "files": files,
        "dropped_fields": dict(sorted(reading.grades.items())),
        "unread": [asdict(unread) for unread in reading.unread],
        "repeats": [asdict(repeat) for repeat in reading.repeats],
    }


def _task(choice: Choice) -> dict[str, Any]:
    values = asdict(choice)
    for name in ("instance_id", "patch"):
        del values[name]
    return {"chosen": choice.standings[0].candidate if choice.standings else None, **values}
