"""Grades a patch by a row's hidden tests: as the official harness would, and then by a second, stricter look.

``evaluate(row, patch, base, spec)`` is all there is to call. Grading data: nothing that agents, verifiers or selection
see comes from here.
"""

from __future__ import annotations

from swebench_runs.grades.row_grading.evaluation import LIMITS, Canary, Evaluation, evaluate

__all__ = ["LIMITS", "Canary", "Evaluation", "evaluate"]
