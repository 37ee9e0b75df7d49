"""The decision: the chosen candidate with its evidence, or an abstention with its reason.

An abstention never hides the work: the best candidate's patch stays in the decision. Only who publishes it (the bot,
``--abstain``) withholds it.
"""

from __future__ import annotations

from typing import Literal

from pydantic import BaseModel, ConfigDict

from selection.abstention import objection_to
from selection.rules import RUN_RULE, Ranking, chosen
from selection.rules.evidence import by_id
from selection.weighing import Evidence, RunoffVerdict, counted, weigh
from verifiers.ballot import Ballot

Confidence = Literal["high", "medium", "low", "none"]


class _Frozen(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


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
    objection = objection_to(evidence, verdict)
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


def _confidence(evidence: Evidence, verdict: RunoffVerdict | None) -> Confidence:
    """High needs a clean gate, every reproducing test, and a second opinion: another trajectory or the run-off."""
    if evidence.gate != "clean" or evidence.failed:
        return "low"
    chosen_by_runoff = verdict is not None and not verdict.equal
    return "high" if evidence.cluster > 1 or chosen_by_runoff else "medium"


def _praise(evidence: Evidence, verdict: RunoffVerdict | None, rule: str) -> str:
    by = "Named by the run-off" if verdict is not None else f"First by the rule {rule}"
    if verdict is not None and verdict.equal:
        by = f"Equal in the run-off to the other finalists, first by the rule {rule}"
    reproduce = len(evidence.passed) + len(evidence.failed)
    gate = "no regressions" if evidence.gate == "clean" else "regressions not measured"
    agree = counted(range(evidence.cluster), "trajectory", "trajectories")
    return f"{by}: passes {len(evidence.passed)} of {reproduce} reproducing tests, {gate}, {agree} in its cluster."
