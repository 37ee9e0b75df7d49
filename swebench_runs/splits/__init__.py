"""Names of splits to tasks: ``starter``, or a file that ``runoff synth mutate`` wrote."""

from __future__ import annotations

import difflib
from pathlib import Path

from pydantic import ValidationError

from environments.synthesis.recipe import StatementKind
from environments.synthesis.report import SynthReport
from swebench_runs.errors import UsageError
from swebench_runs.splits.split import Split
from swebench_runs.splits.starter_draw import stored

NAMES = ("starter",)
PARTS = ("test",)
"""Parts that every split here has."""


def load(subset: str, split: str = "test") -> Split:
    """Return a split by its name or by the path of a file of recipes. Raises UsageError."""
    if split not in PARTS:
        raise UsageError(f"{subset} has no split {split!r}: use --split {PARTS[0]}")
    if subset == "starter":
        reports = stored().reports.values()
        return Split(subset, (recipe for report in reports for recipe in report.recipes))
    path = Path(subset)
    if path.suffix == ".json" and path.is_file():
        try:
            report = SynthReport.model_validate_json(path.read_bytes())
        except ValidationError as error:
            raise UsageError(f"{path} is no file of recipes: write one with runoff synth mutate") from error
        return Split(path.stem, report.recipes)
    close = difflib.get_close_matches(subset, NAMES, n=1)
    hint = f"did you mean {close[0]}?" if close else f"use {' or '.join(NAMES)}, or a file from runoff synth mutate"
    raise UsageError(f"no subset {subset!r}: {hint}")


__all__ = ["NAMES", "Split", "StatementKind", "load"]
