"""``runoff bench selection``: how far each rule gets on real, graded patches, with intervals and controls."""

from __future__ import annotations

from swebench_runs.bench.rules.measure import Measures, measure_selection
from swebench_runs.bench.rules.models import Fitter

__all__ = ["Fitter", "Measures", "measure_selection"]
