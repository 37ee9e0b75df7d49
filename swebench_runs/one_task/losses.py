"""What was lost to the model's endpoint: requests that it refused, answers that it cut, filtered or left empty."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from agent.models.answers.answer_kind import REPORTED
from agent.trajectory.trajectory import Ending, Trajectory
from selection.decision import Decision


def losses(trajectories: Sequence[Trajectory]) -> list[str]:
    """Return what was lost, a line each: the trajectories that ended by it, and why.

    Empty where nothing was. The reasons are the endpoint's own words.
    """
    lines = []
    refused = Counter(one.why for one in trajectories if one.refused or one.ending == Ending.CONTEXT_LIMIT)
    for why, count in refused.most_common():
        lines.append(f"{count} of {len(trajectories)} trajectories ended by a refused request: {why}")
    none = sum((Counter(one.answers) for one in trajectories), Counter[str]())
    if none:
        told = ", ".join(f"{count} {REPORTED[kind]}" for kind, count in none.most_common())
        advice = " (-c answer_tokens=N gives more room)" if none["cut"] else ""
        lines.append(f"Answers that were none: {told}{advice}")
    return lines


def explained(decision: Decision, editors: Sequence[Trajectory]) -> Decision:
    """Return a decision without a patch with what its editing trajectories were lost to; any other as it is."""
    if decision.candidate is not None or not (lost := losses(editors)):
        return decision
    return decision.model_copy(update={"reason": " ".join((decision.reason, *(f"{line}." for line in lost)))})
