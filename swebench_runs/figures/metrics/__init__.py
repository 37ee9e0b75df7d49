"""Estimators over graded tasks: what a run came to, with intervals. Pure functions: any stored run can be replayed."""

from __future__ import annotations

from swebench_runs.figures.metrics.graded import GradedTask, StatementKind, TaskState, TrajectorySummary
from swebench_runs.figures.metrics.summary import Section, Summary, summarise

__all__ = ["GradedTask", "Section", "StatementKind", "Summary", "TaskState", "TrajectorySummary", "summarise"]
