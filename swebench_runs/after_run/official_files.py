"""What the official harness would have left of a run: its folder of logs, and its summary.

``logs/run_evaluation/<run id>/<model>/<instance>/`` and ``<model>.<run id>.json`` in the run's folder, beside what
selection reads. Verdicts in there are the official ones; where Runoff's own is stricter, its grade says so.
"""

from __future__ import annotations

import json
import shutil
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from environments.bounded import VALUE_BYTES, TooLarge, json_value, read_regular
from swebench_runs.after_run.grade_book import Graded, read_page
from swebench_runs.errors import UsageError
from swebench_runs.grades.patch_key import patch_key
from swebench_runs.official.infrastructure import Sign, infrastructure_sign
from swebench_runs.official.reports import summary
from swebench_runs.run_folder.files import write_whole
from swebench_runs.run_folder.store import Run


def write_official(run: Run) -> Path:
    """Write the files of a run's predictions, from the logs of their evaluations; return the summary's path."""
    predictions: dict[str, dict[str, Any]] = json.loads(run.write_predictions().read_text())
    return write_official_of(run, predictions, run.instances)


def write_official_of(run: Graded, predictions: Mapping[str, Mapping[str, Any]], instances: Sequence[str]) -> Path:
    """Write the files of one system's predictions by instance id; ``instances``: all tasks that were asked for."""
    name = next((values["model_name_or_path"] for values in predictions.values()), "none").replace("/", "__")
    home = run.path / "logs" / "run_evaluation" / run.id / name
    resolved: dict[str, bool | None] = {}
    signs: dict[str, Sign] = {}
    for instance_id, values in predictions.items():
        resolved[instance_id] = None
        source = run.grading / "logs" / instance_id / patch_key(values["model_patch"])
        if not values["model_patch"]:
            continue
        if not source.is_dir():
            resolved[instance_id] = _graded(run, instance_id, values["model_patch"])
            continue
        folder = home / instance_id
        shutil.rmtree(folder, ignore_errors=True)
        shutil.copytree(source, folder)
        resolved[instance_id] = _resolved(folder / "report.json", instance_id)
        log = _read(folder / "test_output.txt").decode(errors="replace")
        if not resolved[instance_id] and (sign := infrastructure_sign(log)):
            signs[instance_id] = sign
    patches = {instance_id: values["model_patch"] for instance_id, values in predictions.items()}
    path = run.path / f"{name}.{run.id}.json"
    write_whole(path, json.dumps(summary(instances, patches, resolved, signs), indent=4))
    return path


def _graded(run: Graded, instance_id: str, patch: str) -> bool | None:
    """Return the grade of a patch whose evaluation leaves no logs, as that of a split of recipes; None: it has none."""
    grade = read_page(run, instance_id).of(patch)
    return None if grade is None or grade.outcome == "not_evaluated" else grade.outcome == "resolved"


def _resolved(report: Path, instance_id: str) -> bool | None:
    """Return an instance's official verdict; None where its evaluation left no report."""
    if not report.is_file():
        return None
    try:
        return bool(json_value(_read(report))[instance_id]["resolved"])
    except (ValueError, LookupError, TypeError):
        raise UsageError(f"{report} is not what an evaluation leaves: remove its folder and grade again") from None


def _read(path: Path) -> bytes:
    """Return a file of an evaluation, which may be somebody else's. UsageError where it is too large."""
    try:
        return read_regular(path, at_most=VALUE_BYTES)
    except TooLarge as error:
        raise UsageError(f"{path} {error}: remove its folder and grade again") from None
