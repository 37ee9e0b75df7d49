"""What a run-off starts with."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from agent.models.profiles import ModelProfile
from agent.scaffolds.conversation import Sampling
from verifiers.ballot import Candidate

TURNS, TURNS_IN_TREES = 2, 60


@dataclass(frozen=True)
class RunoffPlan:
    """The finalists and how the model is asked about them."""

    situation: str
    profile: ModelProfile
    sampling: Sampling
    finalists: Sequence[Candidate]
    """At least two, best first by the rule that made the shortlist."""
    names: bool
    """The model may name the winner, or call the finalists equal; else only its tests count."""

    @property
    def in_trees(self) -> bool:
        """The model works in the finalists' trees: its profile works with tools and calls them by functions."""
        return works_in_trees(self.profile)


def works_in_trees(profile: ModelProfile) -> bool:
    """Tell whether a model holds a run-off with tools."""
    return profile.scaffold == "tools" and profile.tools


def usual_turns(profile: ModelProfile) -> int:
    """Return the model calls of a run-off unless the configuration says."""
    return TURNS_IN_TREES if works_in_trees(profile) else TURNS
