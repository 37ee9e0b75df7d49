"""What a run is asked for: its keys (`run_keys.py`), and how they are merged (`loading.py`; `builtin/` comes along).

``load(["demo", "mine.yaml", "seed=3"])`` gives a RunConfig.
"""

from __future__ import annotations

from swebench_runs.config.key_kinds import Budget, Budgets
from swebench_runs.config.loading import builtin_names, flat, load, parse
from swebench_runs.config.nearest_name import nearest
from swebench_runs.config.run_config import RunConfig

__all__ = ["Budget", "Budgets", "RunConfig", "builtin_names", "flat", "load", "nearest", "parse"]
