"""What a run took of the machine, and what the machine failed it with: to size the next job."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from typing import Any

from pydantic import BaseModel, ConfigDict


class MachineUse(BaseModel):
    """Of one task, or of several together."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    core_seconds: float | None = None
    """CPU time of commands in sandboxes; None where nobody measured it."""
    peak_memory: int | None = None
    """Bytes of the one command that took most; None where nobody measured it."""
    faults: Mapping[str, int] = {}
    """What the machine failed with, by its word -> how often; none of it was scored."""


def machine_use(events: Iterable[Mapping[str, Any]]) -> MachineUse:
    """Add up what the log of a task says, over all its sittings."""
    found = list(events)
    taken = [MachineUse(**_numbers(event)) for event in found if event["event"] == "taken"]
    faults = Counter(str(event.get("fault")) for event in found if event["event"] == "machine_fault")
    return together([*taken, MachineUse(faults=faults)])


def together(parts: Iterable[MachineUse]) -> MachineUse:
    """Add up core-seconds and faults, and keep the highest peak."""
    every = list(parts)
    cores = [one.core_seconds for one in every if one.core_seconds is not None]
    peaks = [one.peak_memory for one in every if one.peak_memory is not None]
    return MachineUse(
        core_seconds=sum(cores) if cores else None,
        peak_memory=max(peaks, default=None),
        faults=dict(sum((Counter(one.faults) for one in every), Counter())),
    )


def _numbers(event: Mapping[str, Any]) -> dict[str, Any]:
    return {name: event.get(name) for name in ("core_seconds", "peak_memory")}
