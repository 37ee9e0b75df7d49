"""The protocol of a scaffold: how one trajectory works, from what it starts with to its ending."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Literal, NamedTuple, Protocol

from agent.models.profiles import Capability
from agent.scaffolds.conversation import Sampling
from agent.scaffolds.replies import ReplyForms
from agent.trajectory.session import Session
from agent.trajectory.trajectory import Trajectory
from environments.workbench.outcome import GeneratedTest


class Executed(NamedTuple):
    """A function that a reproduction executes."""

    path: str
    name: str
    """Qualified."""
    lines: tuple[int, ...]
    """Of its file, that were executed, the most suspicious first."""
    score: float
    """How suspicious the trace finds it."""
    failed: tuple[int, ...] = ()
    """Those of its lines that the failure went through."""


@dataclass(frozen=True)
class Plan:
    """What a trajectory starts with: the task, the same for all, and what sets it apart from its siblings."""

    situation: str
    """Code and issue, the same for every trajectory of the task, so that its prefix stays cached."""
    forms: ReplyForms
    sampling: Sampling
    test: GeneratedTest | None = None
    """The test it starts from."""
    baseline: Sequence[str] = ()
    """Existing tests that pass on the base."""
    directive: str = ""
    known: Sequence[GeneratedTest] = ()
    """All tests that are known to fail on the base, whoever wrote them; ``test`` may be one of them."""
    siblings: tuple[int, int] = (0, 1)
    """Its place, from 0, among the trajectories of its task that work by the same scaffold, and how many those are."""
    issue: str = ""
    """The issue's own text, where a scaffold shows it without the situation."""
    executed: Sequence[Executed] = ()
    """The functions that the reproduction executes, the most suspicious first."""

    def with_turns(self, turns: int) -> Plan:
        """Return the plan with another serial budget."""
        return replace(self, sampling=replace(self.sampling, turns=turns))


class Scaffold(Protocol):
    """One way to make a trajectory. Its only way to models and sandboxes is the session, which records it all."""

    @property
    def kind(self) -> Literal["edit", "test"]:
        """What its trajectories make: patches, or tests."""
        ...

    @property
    def needs(self) -> frozenset[Capability]:
        """What the model's endpoint must offer; a run with a model that does not is refused before it starts."""
        ...

    @property
    def turns(self) -> int:
        """How many model calls a trajectory has unless the configuration says."""
        ...

    def run(self, session: Session, plan: Plan, *, index: int) -> Trajectory:
        """Make trajectory ``index`` of its kind; whatever the ending, the best that it has so far is in it."""
        ...
