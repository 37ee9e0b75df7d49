"""Rows of SWE-bench data sets: where they come from, and what each one says. Grading data: not for agents.

``load_rows(subset, split)`` finds them; ``task(row)`` is what agents may know of one,
``grading_lists(row)`` what grades it.
"""

from __future__ import annotations

from swebench_runs.rows.loading import Rows, load_rows, tasks_of
from swebench_runs.rows.row import Row, grading_lists, read_row, task
from swebench_runs.rows.source import Source

__all__ = ["Row", "Rows", "Source", "grading_lists", "load_rows", "read_row", "task", "tasks_of"]
