"""``runoff bench selection``: how far each rule gets on real, graded patches, with intervals and controls."""

from __future__ import annotations

from swebench_runs.bench.selection.measure import Asked, measure_selection
from swebench_runs.bench.selection.models import Fitter

__all__ = ["Asked", "Fitter", "measure_selection"]
