"""Splits: named lists of tasks, made of recipes (``starter``) or of the rows of SWE-bench data sets.

split = load("lite", "test", RowOptions())
with split.open_base(split.tasks()[0], run_id) as base: ...
"""

from __future__ import annotations

from swebench_runs.splits.loading import NAMES, load, starter
from swebench_runs.splits.of_run import recorded, split_of
from swebench_runs.splits.recipe_split import RecipeSplit
from swebench_runs.splits.row_bases import RowOptions
from swebench_runs.splits.row_split import RowSplit
from swebench_runs.splits.split import Split

__all__ = ["NAMES", "RecipeSplit", "RowOptions", "RowSplit", "Split", "load", "recorded", "split_of", "starter"]
