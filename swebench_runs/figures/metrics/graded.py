"""A graded task: what a run stored of it, joined with what grading found. Nothing left of this room may see one."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal, Self

from pydantic import BaseModel, ConfigDict

from agent.models.contract import Message, Usage
from agent.trajectory.trajectory import Ending, Kind, Trajectory
from environments.workbench.outcome import GeneratedTest
from selection.decision import Decision
from verifiers.ballot import Ballot, Entry

StatementKind = Literal["example", "prose", "issue"]
"""Of a made issue, whether it shows a code example or only tells in prose; ``issue``: people wrote it."""


class _Frozen(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class TrajectorySummary(_Frozen):
    """What the figures need to know of a trajectory."""

    id: str
    kind: Kind
    ending: Ending
    patched: bool = False
    """It ended with a patch, whether or not the patch applies."""
    candidate: str | None = None
    """The candidate that its patch became; None when the patch is empty or does not apply."""
    verified: bool = False
    reproduces: bool = False
    usage: Usage = Usage()
    cost: float | None = 0.0
    """US dollars; None when the price is unknown."""
    turns: int = 0
    seconds: float = 0.0

    @classmethod
    def of(cls, trajectory: Trajectory, candidate: str | None) -> Self:
        """Sum a trajectory up; ``candidate`` is the id that its patch has on the ballot."""
        taken = {"id", "kind", "ending", "verified", "reproduces", "usage", "cost", "turns", "seconds"}
        return cls(**trajectory.model_dump(include=taken), patched=bool(trajectory.patch), candidate=candidate)


class GradedTask(_Frozen):
    """One task of a run with its grades; enough to compute every figure again."""

    instance_id: str
    kind: StatementKind
    cluster: str
    """The package or repository: tasks of one cluster are resampled together."""
    statement: str = ""
    asked: int
    """Editing trajectories asked for; those that never came to be count as failed."""
    evaluated: bool = True
    """False where the task could not be run or graded; it then counts as failed, and is shown apart."""
    ballot: Ballot
    resolved: Mapping[str, bool] = {}
    """Candidate id -> grade, single calls' candidates included; one that is absent counts as failed."""
    decision: Decision | None = None
    trajectories: tuple[TrajectorySummary, ...] = ()
    seconds: float = 0.0
    """Wall seconds from the first stage to the decision."""
    context_hit: bool | None = None
    """The context showed the place that the right fix changes; None where nobody can tell."""
    tests: tuple[GeneratedTest, ...] = ()
    transcript: tuple[Message, ...] = ()
    """The run-off's conversation."""

    def right(self, candidate: str | None) -> bool:
        """Tell whether a candidate resolves the task; no candidate never does."""
        return candidate is not None and self.resolved.get(candidate, False)

    @property
    def editing(self) -> tuple[Entry, ...]:
        """The editing trajectories on the ballot."""
        return tuple(entry for entry in self.ballot.entries if entry.edits)

    @property
    def attempts(self) -> int:
        """Editing trajectories to count: those asked for, or more where more were run."""
        return max(self.asked, len(self.editing))

    @property
    def successes(self) -> int:
        """How many editing trajectories resolve the task."""
        return sum(self.right(entry.candidate) for entry in self.editing)

    @property
    def decided_right(self) -> bool:
        """Tell whether the decision's patch resolves the task, abstained or not."""
        return self.decision is not None and self.right(self.decision.candidate)
