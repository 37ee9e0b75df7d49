"""What was lost to the model's endpoint: requests that it refused, answers that it cut, filtered or left empty."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from agent.models.answers.answer_kind import REPORTED
from agent.trajectory.trajectory import Ending, Trajectory
from environments.text import amount
from selection.decision import Decision


def refusals(trajectories: Sequence[Trajectory]) -> list[str]:
    """Return how many trajectories ended by a refused request, a line for each reason, in the endpoint's own words."""
    refused = Counter(one.why for one in trajectories if one.refused or one.ending == Ending.CONTEXT_LIMIT)
    every = amount(len(trajectories), "trajectory", "trajectories")
    return [f"{count} of {every} ended by a refused request: {why}" for why, count in refused.most_common()]


def losses(editors: Sequence[Trajectory]) -> list[str]:
    """Return what editing trajectories were lost to, a line each; empty where nothing was.

    The report counts the answers of every stage; these are of one, and say so.
    """
    none = sum((Counter(one.answers) for one in editors), Counter[str]())
    if not none:
        return refusals(editors)
    told = ", ".join(f"{count} {REPORTED[kind]}" for kind, count in none.most_common())
    advice = " (-c answer_tokens=N gives more room)" if none["cut"] else ""
    return [*refusals(editors), f"Editing answers that were none: {told}{advice}"]


def explained(decision: Decision, editors: Sequence[Trajectory]) -> Decision:
    """Return a decision without a patch with what its editing trajectories were lost to; any other as it is."""
    if decision.candidate is not None or not (lost := losses(editors)):
        return decision
    return decision.model_copy(update={"reason": " ".join((decision.reason, *(f"{line}." for line in lost)))})
