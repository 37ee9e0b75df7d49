"""How long a run of many tasks would take on other machines, from the records of a small one; see ``predict``."""

from __future__ import annotations

from swebench_runs.bench.simulate.predict import Prediction, predict
from swebench_runs.bench.simulate.recorded import recorded_work
from swebench_runs.bench.simulate.shape import Shape

__all__ = ["Prediction", "Shape", "predict", "recorded_work"]
