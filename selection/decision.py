"""The decision: the chosen candidate with its evidence, or an abstention with its reason.

An abstention never hides the work: the best candidate's patch stays in the decision. Only who publishes it (the bot,
``--abstain``) withholds it.
"""

from __future__ import annotations

from typing import Literal

from pydantic import BaseModel, ConfigDict

from environments.text import one_line
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
    """Say in a word how far the evidence goes, as `docs/fix.md` has it ("How sure").

    Low: existing tests were not run on the change, or a test that reproduces the issue fails on it. High: it is told
    apart by what was run: a run-off's tests pass on it alone, or several trajectories made it and no other change comes
    out as well. Medium: everything else, such as a change that nothing but a model's word or its rank prefers.
    """
    if evidence.gate != "clean" or evidence.failed:
        return "low"
    told_apart = verdict.told_apart if verdict is not None else False
    return "high" if told_apart or (evidence.agreeing > 1 and not evidence.rivals) else "medium"


def _gate(evidence: Evidence) -> str:
    if evidence.gate == "waived":
        quote = one_line(next(iter(evidence.waived.values())), 200)
        return f"breaks {counted(tuple(evidence.waived), 'existing test')} as the issue asks ({quote!r})"
    return "no regressions" if evidence.gate == "clean" else "regressions not measured"


def _praise(evidence: Evidence, verdict: RunoffVerdict | None, rule: str) -> str:
    by = "Named by the run-off" if verdict is not None else f"First by the rule {rule}"
    if verdict is not None and verdict.equal:
        by = f"Equal in the run-off to the other finalists, first by the rule {rule}"
    reproduce = len(evidence.passed) + len(evidence.failed)
    gate = _gate(evidence)
    agree = counted(range(evidence.cluster), "trajectory", "trajectories")
    told = f"{by}: passes {len(evidence.passed)} of {reproduce} reproducing tests, {gate}, {agree} in its cluster"
    if not evidence.rivals or (verdict is not None and verdict.told_apart):
        return f"{told}."
    rivals = counted(range(evidence.rivals), "other change does", "other changes do")
    return f"{told}; {rivals} as well by every test that was run."
