"""Figures as people read them; the terminal and the page say the same."""

from __future__ import annotations

from collections.abc import Mapping

from agent.models.answers.answer_kind import REPORTED
from agent.trajectory.call_record import Calls
from swebench_runs.figures.metrics.bootstrap import Estimate
from swebench_runs.figures.metrics.machine import MachineUse

NOTHING = "\N{EN DASH}"


def percent(share: float | None, digits: int = 0) -> str:
    """Write a share as per cent, whole unless told, or a dash where it is undefined."""
    return NOTHING if share is None else f"{share * 100:.{digits}f}%".replace("-", "\N{MINUS SIGN}")


def interval(estimate: Estimate) -> str:
    """Write the interval of a share, or nothing where there is none."""
    if estimate.low is None or estimate.high is None:
        return ""
    return f"{percent(estimate.low)} to {percent(estimate.high)}"


def with_interval(estimate: Estimate) -> str:
    """Write a share with its interval in brackets."""
    return f"{percent(estimate.value)} ({interval(estimate)})" if interval(estimate) else percent(estimate.value)


def count(number: float | None) -> str:
    """Write a number with separators, large ones rounded to three places: 1,234 or 1.23 M."""
    if number is None:
        return NOTHING
    return f"{number / 1e6:.2f} M" if number >= 1e6 else f"{number:,.0f}"


def duration(seconds: float | None) -> str:
    """Write seconds as 41 s, 3 min 20 s or 2 h 5 min."""
    if seconds is None:
        return NOTHING
    minutes, rest = divmod(round(seconds), 60)
    if minutes < 60:
        return f"{minutes} min {rest} s" if minutes else f"{rest} s"
    return f"{minutes // 60} h {minutes % 60} min"


def machine(use: MachineUse) -> str:
    """Say what sandboxes took, and what the machine failed with; empty where nothing is known."""
    taken = [
        *([f"{duration(use.core_seconds)} of a core"] if use.core_seconds is not None else []),
        *([f"{use.peak_memory / 2**20:,.0f} MiB at most in one sandbox"] if use.peak_memory is not None else []),
    ]
    faults = ", ".join(f"{number} {word}" for word, number in sorted(use.faults.items()))
    often = sum(use.faults.values())
    times = "once" if often == 1 else f"{often} times"
    failed = [f"the machine failed {times} ({faults}), which is not scored"] if faults else []
    return "; ".join([*([", ".join(taken)] if taken else []), *failed])


def money(cost: float | None) -> str:
    """Write US dollars; an unknown price is said, never shown as nothing."""
    return "unknown" if cost is None else f"${cost:,.2f}"


def unended(calls: Calls) -> str:
    """Say how many calls were cut off with their run; empty where none was."""
    if not calls.open:
        return ""
    were = "call was" if calls.open == 1 else "calls were"
    return f" {calls.open} {were} under way when the run was cut off: what they cost is not known, and not counted."


def useless(answers: Mapping[str, int]) -> str:
    """Say of which kinds the answers and calls were that were no use as they came; empty where there were none."""
    told = ", ".join(f"{number} {REPORTED.get(kind, kind)}" for kind, number in sorted(answers.items()) if number)
    return f"{told} (-c answer_tokens=N gives more room)" if answers.get("cut") else told
