"""The table: by format and speculation, what share of the samples came how far, and what it took."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Mapping, Sequence
from statistics import NormalDist
from typing import Any

Row = Mapping[str, Any]

STAGES = ("placed", "parsed", "changed", "distinct", "surviving", "right")


def table(rows: Sequence[Row]) -> list[dict[str, Any]]:
    """Return a line for each format and speculation."""
    kinds = dict.fromkeys((row["format"], row["speculation"]) for row in rows)
    return [_line([row for row in rows if (row["format"], row["speculation"]) == kind], *kind) for kind in kinds]


def _line(rows: Sequence[Row], name: str, speculation: str) -> dict[str, Any]:
    samples, tokens = (sum(row[key] for row in rows) for key in ("samples", "written_tokens"))
    minutes = sum(row["seconds"] for row in rows) / 60
    reached = {stage: sum(row[stage] for row in rows) for stage in STAGES}
    return {
        "format": name,
        "speculation": speculation or "off",
        "tasks": len(rows),
        "samples": samples,
        "written_tokens": tokens,
        "minutes": round(minutes, 1),
        "tokens_a_second": round(tokens / minutes / 60, 1) if minutes else None,
        "share": {stage: share(count, samples) for stage, count in reached.items()},
        "per_1000_tokens": {
            stage: round(1000 * count / tokens, 2) if tokens else None for stage, count in reached.items()
        },
        "per_minute": {stage: round(count / minutes, 2) if minutes else None for stage, count in reached.items()},
        "tasks_with_a_survivor": share(sum(bool(row["surviving"]) for row in rows), len(rows)),
        "tasks_with_a_right_one": share(sum(bool(row["right"]) for row in rows), len(rows)),
        "tasks_whose_first_choice_is_right": share(sum(bool(row["best_right"]) for row in rows), len(rows)),
    }


def share(count: int, n: int) -> dict[str, Any] | None:
    """Return a share with its 95% interval (Wilson)."""
    if not n:
        return None
    z = NormalDist().inv_cdf(0.975)
    middle, spread = count / n + z * z / 2 / n, z * math.sqrt(count * (n - count) / n**3 + z * z / 4 / n**2)
    low, high = ((middle + side * spread) / (1 + z * z / n) for side in (-1, 1))
    interval = [round(max(0.0, low), 3), round(min(1.0, high), 3)]
    return {"count": count, "n": n, "share": round(count / n, 3), "interval": interval}


def written_tests(rows: Sequence[Row]) -> dict[str, Any]:
    """Return what became of the tests that the model wrote of tasks without an example."""
    forms = {form: Counter[str]() for row in rows for form in row["sampled"]}
    for row in rows:
        for form, counts in row["sampled"].items():
            forms[form].update(counts)
    return {
        "tasks": len(rows),
        "by_form": {form: dict(counts) for form, counts in forms.items()},
        "tasks_with_a_failing_test": share(sum(row["reproduces"] for row in rows), len(rows)),
        "tasks_whose_test_is_right": share(sum(row["right"] for row in rows), len(rows)),
        "rows": list(rows),
    }
