"""Fitting verifiers on graded patches. Labels stay in this room: what a verifier gets is the fitted file."""

from __future__ import annotations

from swebench_runs.fitting.consensus import fit
from swebench_runs.fitting.validation import by_repository, validated

__all__ = ["by_repository", "fit", "validated"]
