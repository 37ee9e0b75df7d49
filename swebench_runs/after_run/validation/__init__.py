"""Is a task sound in this place? Its gold patch must be resolved, and no patch must not."""

from __future__ import annotations

from swebench_runs.after_run.validation.record import Side, Validation, of_failure
from swebench_runs.after_run.validation.validate import stored, validate_rows

__all__ = ["Side", "Validation", "of_failure", "stored", "validate_rows"]
