"""The table of ``runoff bench sandbox``."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from rich.table import Table

from swebench_runs.bench.sandboxes.kinds import KINDS
from swebench_runs.bench.sandboxes.phases import PHASES


def tables(figures: Mapping[str, Any]) -> Iterator[Table]:
    """Return a table for each count of sandboxes: p50 / p95 in milliseconds, and how many times it was timed."""
    for count, kinds in figures["kinds_at"].items():
        table = Table(title=f"{count} at once: p50 / p95, ms (n)")
        table.add_column("phase")
        measured = [kind for kind in KINDS if kind in kinds]
        for kind in measured:
            table.add_column(kind.replace("_", " "), justify="right")
        for phase in PHASES:
            table.add_row(phase.replace("_", " "), *(_cell(kinds[kind].get(phase)) for kind in measured))
        yield table


def _cell(times: Mapping[str, Any] | None) -> str:
    return f"{times['p50_ms']:.1f} / {times['p95_ms']:.1f} ({times['n']})" if times else "-"
