"""The issue's code that states no outcome (``probes.json``): run for what it does, not for what it should do."""

from __future__ import annotations

from collections.abc import Sequence

from pydantic import BaseModel, ConfigDict

from environments.workbench.outcome import GeneratedTest
from swebench_runs.one_task.work import Work
from verifiers.ballot import Ballot
from verifiers.behaviour import MOST_PROBES, observed, probe_of
from verifiers.examples.blocks import BlockKind
from verifiers.examples.convert import Conversion

FILE = "probes.json"


class Probes(BaseModel):
    """Scripts that show what a piece of the issue's code does."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    probes: tuple[GeneratedTest, ...]


def keep_probes(work: Work, conversion: Conversion) -> None:
    """Keep what is to be run of an issue, where there is anything."""
    made = [
        probe_of(code, f"probe:{number}", goes_on=kind is BlockKind.SESSION)
        for number, (kind, code) in enumerate(conversion.silent)
    ]
    found = {probe.id: probe for probe in made if probe is not None}
    if found:
        work.folder.write(FILE, Probes(probes=tuple(found.values())[:MOST_PROBES]))


def with_behaviour(work: Work, ballot: Ballot, more: Sequence[GeneratedTest] = ()) -> Ballot:
    """Return the ballot with what the issue's code, and ``more`` probes, do on the base and on every candidate."""
    kept = work.folder.read(FILE, Probes)
    probes = (*(kept.probes if kept else ()), *more)
    if not probes or not ballot.candidates:
        return ballot
    return ballot.model_copy(update={"behaviour": observed(work.bench, probes, ballot.candidates)})
