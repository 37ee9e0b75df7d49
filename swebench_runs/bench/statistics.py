"""What a list of times says: median with its interval, 95th percentile, mean."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

RESAMPLES = 2000


def summary(times: Sequence[float], seed: int) -> dict[str, Any]:
    """Return n, median with its 95% bootstrap interval, 95th percentile and mean of times in milliseconds."""
    values = np.array(times)
    medians = np.median(np.random.default_rng(seed).choice(values, (RESAMPLES, len(values))), axis=1)
    low, high = np.percentile(medians, [2.5, 97.5])
    return {
        "n": len(values),
        "p50_ms": float(np.median(values)),
        "p50_interval_ms": [float(low), float(high)],
        "p95_ms": float(np.percentile(values, 95)),
        "mean_ms": float(values.mean()),
    }
