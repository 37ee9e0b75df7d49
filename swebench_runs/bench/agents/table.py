"""The tables of ``runoff bench agents``."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from rich.table import Table

_WORDS = {
    "own": "agent's own (outside model and command)",
    "layer": "its model layer, without litellm",
    "own_and_layer": "both",
    "litellm": "litellm",
    "command": "starting commands (children not counted)",
}


def tables(figures: Mapping[str, Any]) -> Iterator[Table]:
    """Return the CPU time of a step, its growth, and memory."""
    names = list(figures["per_step"])
    cpu = Table(title=f"CPU time of a step, ms: p50 / p95 (n steps; {figures['n']} x {figures['steps']} steps)")
    growth = Table(title=f"agent's own around step ..., of {figures['long_steps']}: mean ms")
    for table in (cpu, growth):
        table.add_column("")
        for name in names:
            table.add_column(name, justify="right")
    for part, words in _WORDS.items():
        cpu.add_row(words, *(_cell(figures["per_step"][name][part]) for name in names))
    for step in figures["curve"][names[0]]["own_mean_ms_at"]:
        growth.add_row(step, *(f"{figures['curve'][name]['own_mean_ms_at'][step]:.2f}" for name in names))
    growth.add_row("last to first", *(f"{figures['curve'][name]['last_to_first']:.2f}" for name in names))
    yield from (cpu, growth, _memory(figures))


def _memory(figures: Mapping[str, Any]) -> Table:
    table = Table("", "live at once", "handed in", "memory each, MB", "seconds", title="Many live at once, in threads")
    for title, crowds in (("held", figures["memory"]), ("crowd", figures["live"])):
        for name, crowd in crowds.items():
            table.add_row(
                f"{name}, {title}",
                f"{crowd['live_at_once']} of {crowd['count']}",
                str(crowd["handed_in"]),
                f"{crowd['bytes_each'] / 1e6:.2f}",
                f"{crowd['seconds']:.0f}",
            )
    return table


def _cell(times: Mapping[str, Any]) -> str:
    return f"{times['p50_ms']:.2f} / {times['p95_ms']:.2f} ({times['n']})"
