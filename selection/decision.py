"""The decision: the chosen candidate with its evidence, or an abstention with its reason.

An abstention never hides the work: the best candidate's patch stays in the decision. Only who publishes it (the bot,
``--abstain``) withholds it.
"""

from __future__ import annotations

from typing import Literal

from pydantic import BaseModel, ConfigDict

from environments.workbench.outcome import Outcome
from selection.rules import RUN_RULE, Ranking, chosen
from selection.rules.evidence import by_id, cluster_support, makers, outcome, reproducing
from verifiers.ballot import Ballot

Gate = Literal["clean", "broken", "unmeasured"]
Confidence = Literal["high", "medium", "low", "none"]


class _Frozen(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class RunoffVerdict(_Frozen):
    """What the run-off said. A run-off that ended without a word leaves no verdict at all."""

    winner: str | None
    """The finalist it named; None when it said that none deserves to win."""
    reason: str
    """In the words of the run-off, or why the harness ended it."""


class Evidence(_Frozen):
    """What speaks for and against the chosen candidate."""

    passed: tuple[str, ...]
    """Tests that reproduce the issue and pass on it."""
    failed: tuple[str, ...]
    """Tests that reproduce the issue and do anything else on it."""
    gate: Gate
    """``clean``: no regression; ``unmeasured``: no regression test, or the suite could not be run on it."""
    regressions: tuple[str, ...]
    fewest: bool
    """No candidate of the ballot is clean: the regression gate fell back to the fewest regressions."""
    trajectories: int
    """How many trajectories produced this very patch."""
    cluster: int
    """How many produced a member of its cluster."""


class Decision(_Frozen):
    """How one task ended."""

    candidate: str | None
    patch: str = ""
    """The unified diff to submit: the best candidate's even where Runoff abstains; empty only without candidates."""
    rule: str
    runoff: RunoffVerdict | None = None
    evidence: Evidence | None = None
    confidence: Confidence = "none"
    abstained: bool
    """Runoff would not stand by the patch."""
    reason: str
    """One sentence: why this candidate, or why Runoff abstains."""


def decide(ballot: Ballot, ranking: Ranking, verdict: RunoffVerdict | None = None, *, rule: str = RUN_RULE) -> Decision:
    """Settle on the run-off's winner, else on the ranking's first candidate, and say whether Runoff stands by it.

    ``rule`` is the name of the rule that made ``ranking``. A winner that is not on the ballot is a ValueError.
    """
    winner = verdict.winner if verdict is not None else None
    candidate = winner if winner is not None else chosen(ranking)
    if candidate is None:
        reason = "No trajectory produced a patch that applies."
        return Decision(candidate=None, rule=rule, runoff=verdict, abstained=True, reason=reason)
    candidates = by_id(ballot)
    if candidate not in candidates:
        raise ValueError(f"Candidate {candidate} is not on the ballot; choose one of {', '.join(candidates)}.")
    evidence = weigh(ballot, candidate)
    objection = _objection(evidence, verdict)
    return Decision(
        candidate=candidate,
        patch=candidates[candidate].patch,
        rule=rule,
        runoff=verdict,
        evidence=evidence,
        confidence="none" if objection else _confidence(evidence, verdict),
        abstained=objection is not None,
        reason=objection or _praise(evidence, verdict, rule),
    )


def weigh(ballot: Ballot, candidate: str) -> Evidence:
    """Collect the ballot's evidence on one candidate."""
    done = {test: outcome(ballot, test, candidate) for test in reproducing(ballot)}
    return Evidence(
        passed=tuple(test for test, what in done.items() if what is Outcome.PASS),
        failed=tuple(test for test, what in done.items() if what is not Outcome.PASS),
        gate=gate(ballot, candidate),
        regressions=ballot.regressions.get(candidate, ()),
        fewest=bool(ballot.regressions) and all(ballot.regressions.values()),
        trajectories=len(makers(ballot).get(candidate, ())),
        cluster=cluster_support(ballot)[candidate],
    )


def gate(ballot: Ballot, candidate: str) -> Gate:
    """Return what the existing tests say of a candidate; that none was run on it says nothing against it."""
    broken = ballot.regressions.get(candidate)
    if not ballot.regression_tests or broken is None:
        return "unmeasured"
    return "broken" if broken else "clean"


def _objection(evidence: Evidence, verdict: RunoffVerdict | None) -> str | None:
    """Say why Runoff would not stand by the candidate; None when it would."""
    if verdict is not None and verdict.winner is None:
        return f"The run-off found that no finalist deserves to win: {verdict.reason}"
    if evidence.gate == "broken":
        fallback = ", the fewest of all candidates" if evidence.fewest else ""
        return f"It breaks {_count(evidence.regressions, 'existing test')}{fallback}."
    if not evidence.passed and not evidence.failed:
        return "No test reproduces the issue, so nothing shows that the patch resolves it."
    if not evidence.passed:
        return f"It passes none of {_count(evidence.failed, 'test')} that reproduce the issue."
    return None


def _confidence(evidence: Evidence, verdict: RunoffVerdict | None) -> Confidence:
    """High needs a clean gate, every reproducing test, and a second opinion: another trajectory or the run-off."""
    if evidence.gate != "clean" or evidence.failed:
        return "low"
    return "high" if evidence.cluster > 1 or verdict is not None else "medium"


def _praise(evidence: Evidence, verdict: RunoffVerdict | None, rule: str) -> str:
    by = "Named by the run-off" if verdict is not None else f"First by the rule {rule}"
    reproduce = len(evidence.passed) + len(evidence.failed)
    gate = "no regressions" if evidence.gate == "clean" else "regressions not measured"
    agree = _count(range(evidence.cluster), "trajectory", "trajectories")
    return f"{by}: passes {len(evidence.passed)} of {reproduce} reproducing tests, {gate}, {agree} in its cluster."


def _count(things: tuple[str, ...] | range, one: str, many: str | None = None) -> str:
    return f"{len(things)} {one if len(things) == 1 else many or one + 's'}"
