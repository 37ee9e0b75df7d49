"""Names of splits to tasks: ``starter``, a file of recipes as ``runoff synth mutate`` writes, rows of a data set.

A file of recipes holds those of one package, or of several as ``starter.json`` does.
"""

from __future__ import annotations

import difflib
from pathlib import Path

from pydantic import ValidationError

from environments.sandboxes.contract import Limits
from environments.synthesis.report import SynthReport
from swebench_runs.errors import UsageError
from swebench_runs.rows import load_rows
from swebench_runs.splits.recipe_split import RecipeSplit
from swebench_runs.splits.row_bases import RowOptions
from swebench_runs.splits.row_split import RowSplit
from swebench_runs.splits.split import Split
from swebench_runs.splits.starter_draw import StarterDraw, stored

NAMES = ("starter",)
PARTS = ("test",)
"""Parts that a split of recipes has."""


def load(subset: str, split: str = "test", options: RowOptions | None = None) -> Split:
    """Return a split by its name or by the path of its file.

    ``options``: where the images and sandboxes of rows come from, for who opens any. Raises UsageError, and
    EnvironmentMissing where the rows of a data set cannot be had.
    """
    options = options or RowOptions()
    found = _recipes(subset, options.ceilings())
    if found is None:
        if not Path(subset).exists() and difflib.get_close_matches(subset, NAMES, n=1, cutoff=0.8):
            raise UsageError(f"no subset {subset!r}: did you mean {NAMES[0]}?")
        return RowSplit(load_rows(subset, split), options)
    if split not in PARTS:
        raise UsageError(f"{subset} has no split {split!r}: use --split {PARTS[0]}")
    if options.sandbox == "docker":
        raise UsageError(f"{subset} has no images, its tasks run in bubblewrap: leave --sandbox out")
    return found


def starter(limits: Limits | None = None) -> RecipeSplit:
    """Return the subset that comes with Runoff."""
    return RecipeSplit(NAMES[0], stored().recipes, limits=limits)


def _recipes(subset: str, limits: Limits) -> RecipeSplit | None:
    """Return a split of recipes; None where the name or the file is none."""
    if subset in NAMES:
        return starter(limits)
    path = Path(subset)
    if path.suffix == ".json" and path.is_file():
        for kind in (SynthReport, StarterDraw):
            try:
                made = kind.model_validate_json(path.read_bytes())
            except ValidationError:
                continue
            return RecipeSplit(path.stem, made.recipes, limits=limits)
    return None
