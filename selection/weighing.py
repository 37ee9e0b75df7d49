"""What speaks for and against one candidate: the ballot's evidence on it, and the word of the run-off."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

from pydantic import BaseModel, ConfigDict

from environments.workbench.outcome import Outcome
from selection.rules.clusters import clusters
from selection.rules.evidence import (
    by_id,
    cluster_support,
    makers,
    outcome,
    passes,
    regression_count,
    reproducing,
    unwaived,
)
from verifiers.ballot import Ballot

Gate = Literal["clean", "waived", "broken", "unmeasured"]


class _Frozen(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class RunoffVerdict(_Frozen):
    """What the run-off said. A run-off that ended without a word leaves no verdict at all."""

    winner: str | None
    """The finalist it named; None when it said that none deserves to win."""
    reason: str
    """In the words of the run-off, or why the harness ended it."""
    equal: bool = False
    """It found nothing between the finalists that the issue settles: ``winner`` is the first in the rule's order."""
    told_apart: bool = False
    """Tests were run that fail on the base, and the winner alone passes most of them: not the model's word alone."""


class Evidence(_Frozen):
    """What speaks for and against the chosen candidate."""

    passed: tuple[str, ...]
    """Tests that reproduce the issue and pass on it."""
    failed: tuple[str, ...]
    """Tests that reproduce the issue and do anything else on it."""
    gate: Gate
    """``clean``: no regression; ``waived``: none but what the issue asks for, in its own words; ``unmeasured``: no
    regression test, or the suite could not be run on it."""
    regressions: tuple[str, ...]
    """Existing tests that it breaks, those that the issue asks to break left out."""
    fewest: bool
    """No candidate of the ballot is clean: the regression gate fell back to the fewest regressions."""
    trajectories: int
    """How many trajectories produced this very patch."""
    cluster: int
    """How many produced a member of its cluster."""
    waived: Mapping[str, str] = {}
    """Existing test that it breaks as the issue asks -> the issue's own words for it."""
    suspicious: tuple[str, ...] = ()
    """What it adds that no repair needs, in words: what its tests say may be forged."""
    agreeing: int = 0
    """How many trajectories, each counted once whatever number of samples it made, have a member of its cluster."""
    rivals: int = 0
    """Changes of other clusters that come out as well: no test of the ballot tells them from it."""


def weigh(ballot: Ballot, candidate: str) -> Evidence:
    """Collect the ballot's evidence on one candidate."""
    done = {test: outcome(ballot, test, candidate) for test in reproducing(ballot)}
    return Evidence(
        passed=tuple(test for test, what in done.items() if what is Outcome.PASS),
        failed=tuple(test for test, what in done.items() if what is not Outcome.PASS),
        gate=gate(ballot, candidate),
        regressions=unwaived(ballot, candidate),
        waived=ballot.waivers.get(candidate, {}),
        fewest=bool(ballot.regressions) and all(ballot.regressions.values()),
        trajectories=len(makers(ballot).get(candidate, ())),
        cluster=cluster_support(ballot)[candidate],
        suspicious=by_id(ballot)[candidate].suspicious,
        agreeing=_agreeing(ballot, candidate),
        rivals=_rivals(ballot, candidate),
    )


def _agreeing(ballot: Ballot, candidate: str) -> int:
    groups = clusters(ballot)
    return len({e.by for e in ballot.entries if e.candidate and groups[e.candidate] == groups[candidate]})


def _rivals(ballot: Ballot, candidate: str) -> int:
    """Count the other clusters with a member, none that is suspicious, that passes as much and breaks as little."""
    groups, tests = clusters(ballot), reproducing(ballot)
    passed, broken = passes(ballot, candidate, tests), regression_count(ballot, candidate)
    as_good = (
        groups[other.id]
        for other in ballot.candidates
        if not other.suspicious
        and passes(ballot, other.id, tests) >= passed
        and regression_count(ballot, other.id) <= broken
    )
    return len({*as_good} - {groups[candidate]})


def gate(ballot: Ballot, candidate: str) -> Gate:
    """Return what the existing tests say of a candidate; that none was run on it says nothing against it."""
    broken = ballot.regressions.get(candidate)
    if not ballot.regression_tests or broken is None:
        return "unmeasured"
    if unwaived(ballot, candidate):
        return "broken"
    return "waived" if broken else "clean"


def counted(things: tuple[str, ...] | range, one: str, many: str | None = None) -> str:
    """Return a number of things with its noun."""
    return f"{len(things)} {one if len(things) == 1 else many or one + 's'}"
