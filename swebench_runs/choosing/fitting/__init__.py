"""Fitting verifiers on graded patches. Labels stay in this room: what a verifier gets is the fitted file."""

from __future__ import annotations

from swebench_runs.choosing.fitting.consensus import fit

__all__ = ["fit"]
