"""What a run will cost, before it starts: at most by its ceilings, probably by past runs; and whether to ask first.

for line in foretold(config, tasks=12, neighbours=Path("runs")): print(line)
"""

from __future__ import annotations

from swebench_runs.forecast.asking import consent
from swebench_runs.forecast.telling import foretold

__all__ = ["consent", "foretold"]
