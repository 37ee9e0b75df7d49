"""The table of ``runoff bench model``."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from rich.table import Table

from swebench_runs.bench.local_model.measure import FIGURES

_WORDS = {
    "rewrite_tokens_per_s": "(a) a function rewritten, tokens/s",
    "read_tokens_per_s": "its prompt, tokens/s",
    "infills_per_minute": "(b) lines filled in a minute",
    "choices_tokens_per_s": "(c) 4 answers at once, tokens/s",
}


def table(figures: Mapping[str, Any]) -> Table:
    """Return each setting's medians, with their ratios to the first one's."""
    made = Table(title=f"{figures['model']}: medians over {figures['n']} rounds, and ratios to base within a round")
    made.add_column("setting")
    for figure in FIGURES:
        made.add_column(_WORDS[figure], justify="right")
    made.add_column("same text")
    for name, told in figures["settings"].items():
        cells = [f"{told[figure]:.1f} (x {told['ratios'][figure]['median']:.2f})" for figure in FIGURES]
        made.add_row(name, *cells, "yes" if told["same_text"] else "no")
    return made
