"""What the outcomes say: each way's rate with its interval, what it wrote, and the paired difference."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from math import sqrt
from typing import Any

import numpy as np

from swebench_runs.figures.metrics.bootstrap import Resampler

_Z = 1.96


def figures(outcomes: Sequence[Mapping[str, Any]], ways: Sequence[str], *, seed: int) -> dict[str, Any]:
    """Return the figures over the tasks that every way has done, and what each did with each.

    A way that has done nothing yet is left out.
    """
    ways = [way for way in ways if any(one["way"] == way for one in outcomes)]
    by_way = {way: {one["instance_id"]: one for one in outcomes if one["way"] == way} for way in ways}
    if not ways:
        return {"n": 0, "ways": {}, "difference": {}, "tasks": []}
    names = sorted(set.intersection(*(set(found) for found in by_way.values())))
    done = {way: [found[name] for name in names] for way, found in by_way.items()}
    first, *others = ways
    return {
        "n": len(names),
        "ways": {way: _of_one(found) for way, found in done.items()},
        "difference": {f"{first} minus {other}": _paired(done[first], done[other], seed) for other in others},
        "tasks": [
            {
                **{key: done[first][place][key] for key in ("instance_id", "package", "kind")},
                **{way: _short(done[way][place]) for way in ways},
            }
            for place in range(len(names))
        ],
    }


def wilson(successes: int, n: int) -> list[float] | None:
    """Return the 95% interval of a rate (Wilson's score), which says something of none of twelve too."""
    if not n:
        return None
    rate, z2 = successes / n, _Z**2
    middle, half = rate + z2 / (2 * n), _Z * sqrt(rate * (1 - rate) / n + z2 / (4 * n * n))
    return [max(0.0, (middle - half) / (1 + z2 / n)), min(1.0, (middle + half) / (1 + z2 / n))]


def _of_one(found: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    resolved = sum(map(_resolved, found))
    return {
        "resolved": resolved,
        "rate": resolved / len(found) if found else None,
        "interval": wilson(resolved, len(found)),
        "patched": sum(bool(one["patch"].strip()) for one in found),
        **{
            f"{key}_mean": round(float(np.mean([one[key] for one in found])), 1) if found else None
            for key in ("written", "read", "calls", "seconds")
        },
        "written_most": max((one["written"] for one in found), default=0),
    }


def _paired(one: Sequence[Mapping[str, Any]], other: Sequence[Mapping[str, Any]], seed: int) -> dict[str, Any] | None:
    if not one:
        return None
    values = np.array([_resolved(a) - _resolved(b) for a, b in zip(one, other, strict=True)], dtype=np.float64)
    return Resampler.of([task["package"] for task in one], seed=seed).mean(values).model_dump()


def _resolved(one: Mapping[str, Any]) -> int:
    return int(one["grade"]["outcome"] == "resolved")


def _short(one: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "outcome": one["grade"]["outcome"],
        "patched": bool(one["patch"].strip()),
        **{key: one[key] for key in ("ended", "written", "read", "calls", "seconds")},
    }
