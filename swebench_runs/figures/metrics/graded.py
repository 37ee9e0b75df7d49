"""A graded task: what a run stored of it, joined with what grading found. Nothing left of this room may see one."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from typing import Literal, Self

from pydantic import BaseModel, ConfigDict

from agent.models.contract import Message, Usage
from agent.trajectory.call_record import Calls
from agent.trajectory.trajectory import Ending, Kind, Trajectory
from environments.workbench.outcome import GeneratedTest
from selection.decision import Decision
from swebench_runs.figures.metrics.machine import MachineUse
from swebench_runs.figures.metrics.spending import Spent
from verifiers.ballot import Ballot, Entry

StatementKind = Literal["example", "prose", "issue", "checkout"]
"""Of a made issue, whether it shows a code example or only tells in prose; ``issue``: people wrote it; ``checkout``: it
is somebody's own, and no hidden test can say whether it is resolved."""


class TaskState(StrEnum):
    """How a task stands. Nobody knows of the last two whether they are resolved; they count as failed, shown apart."""

    RESOLVED = "resolved"
    UNRESOLVED = "unresolved"
    NOT_GRADED = "not graded"
    UNDECIDED = "undecided"


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
    tested: bool = False
    """It had a test; without one, ``verified`` was never measured."""
    verified: bool = False
    reproduces: bool = False
    scaffold: str = ""
    """How it worked, of an editing one; empty: not told."""
    model: str = ""
    """Who made it; of an attempt that was given, its system; empty: not told."""
    usage: Usage = Usage()
    cost: float | None = 0.0
    """US dollars; None when the price is unknown."""
    turns: int = 0
    seconds: float = 0.0

    @classmethod
    def of(cls, trajectory: Trajectory, candidate: str | None) -> Self:
        """Sum a trajectory up; ``candidate`` is the id that its patch has on the ballot."""
        taken = {"id", "kind", "ending", "verified", "reproduces", "scaffold", "model", "usage", "cost", "turns"}
        taken |= {"seconds"}
        return cls(
            **trajectory.model_dump(include=taken),
            patched=bool(trajectory.patch),
            tested=trajectory.test is not None,
            candidate=candidate,
        )


class GradedTask(_Frozen):
    """One task of a run with its grades; enough to compute every figure again."""

    instance_id: str
    kind: StatementKind
    cluster: str
    """The package or repository: tasks of one cluster are resampled together."""
    statement: str = ""
    asked: int
    """Editing trajectories asked for; those that never came to be count as failed."""
    ballot: Ballot
    resolved: Mapping[str, bool] = {}
    """Candidate id -> grade, single calls' candidates included; absent: not graded."""
    verdicts: Mapping[str, str] = {}
    """Candidate id -> what grading said of it, in a line; of one that the machine could not grade, too."""
    decision: Decision | None = None
    failure: str = ""
    """Why there is no decision, as far as the record says."""
    so_far: str = ""
    """The best patch so far where there is no decision: it is handed in, and no vote stands behind it."""
    so_far_grade: str = ""
    """What grading said of that patch, in a word; empty where nothing did."""
    trajectories: tuple[TrajectorySummary, ...] = ()
    spent: tuple[Spent, ...] = ()
    """What each stage took, by every record that there is."""
    seconds: float = 0.0
    """Wall seconds from the first stage to the decision."""
    machine: MachineUse = MachineUse()
    calls: Calls = Calls()
    """What its calls came to, try by try."""
    context_hit: bool | None = None
    """The context showed the place that the right fix changes; None where nobody can tell."""
    tests: tuple[GeneratedTest, ...] = ()
    transcript: tuple[Message, ...] = ()
    """The run-off's conversation."""

    def right(self, candidate: str | None) -> bool:
        """Tell whether a candidate resolves the task; no candidate never does."""
        return candidate is not None and self.resolved.get(candidate, False)

    @property
    def state(self) -> TaskState:
        """Return how the task stands; without a patch there is nothing to grade."""
        if self.decision is None:
            return TaskState.UNDECIDED
        if self.decision.candidate is not None and self.decision.candidate not in self.resolved:
            return TaskState.NOT_GRADED
        return TaskState.RESOLVED if self.decided_right else TaskState.UNRESOLVED

    @property
    def right_so_far(self) -> bool:
        """Tell whether there is no decision, but the best patch so far, which is handed in, is graded right."""
        return self.decision is None and self.so_far_grade == "resolved"

    @property
    def evaluated(self) -> bool:
        """Tell whether anybody knows if the decision resolves the task."""
        return self.state in (TaskState.RESOLVED, TaskState.UNRESOLVED)

    @property
    def made(self) -> tuple[str, ...]:
        """The candidates of editing trajectories and of single calls: all whose grades a figure may need."""
        found = (*(entry.candidate for entry in self.editing), *(t.candidate for t in self.of_kind("single")))
        return tuple(dict.fromkeys(candidate for candidate in found if candidate is not None))

    @property
    def ungraded(self) -> tuple[str, ...]:
        """Those of them that nobody has tried to grade: no figure may count them as wrong."""
        return tuple(one for one in self.made if one not in self.resolved and one not in self.verdicts)

    @property
    def compared(self) -> bool:
        """Tell whether there is a decision, and a grade of every candidate that it was chosen from."""
        return self.decision is not None and all(candidate in self.resolved for candidate in self.made)

    def of_kind(self, kind: str) -> tuple[TrajectorySummary, ...]:
        """Return the trajectories of one kind."""
        return tuple(trajectory for trajectory in self.trajectories if trajectory.kind == kind)

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
