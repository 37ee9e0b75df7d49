"""What all candidates of a task stand before: one hearing for each judge."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from agent.models.profiles import ModelProfile
from agent.trajectory.session import Session
from verifiers.ballot import Ballot, Candidate, Entry
from verifiers.judges.case import Case


class LogStep(NamedTuple):
    """A step of a trajectory as a verifier that reads trajectories is shown it."""

    thought: str
    action: str
    observation: str


def _no_log(entry: str) -> Sequence[LogStep]:
    return ()


@dataclass(frozen=True)
class Hearing:
    """A task, its candidates and what was seen of them, before one judge."""

    situation: str
    """The task as every prompt opens: repository, code and issue."""
    ballot: Ballot
    profile: ModelProfile = field(default_factory=ModelProfile)
    """What is known of the model that is asked."""
    seed: int = 0
    """Of what a judge draws: who meets whom, who is shown first."""
    log: Callable[[str], Sequence[LogStep]] = _no_log
    """Entry's id -> what its trajectory did; nothing where that is not known."""
    trajectories: bool = False
    """A judge that may be shown a trajectory's commands is shown them."""
    session: Session | None = None
    """The judge's own trajectory, for one that looks at the repository first; None: nothing can be run."""

    @property
    def candidates(self) -> tuple[Candidate, ...]:
        """Who is to be scored."""
        return self.ballot.candidates

    def cases(self) -> Iterator[Case]:
        """Yield one candidate after the other, as a judge that looks at each alone sees it."""
        for candidate in self.candidates:
            commands = self._commands(candidate) if self.trajectories else ()
            yield Case(self.situation, candidate, self.ballot, self.profile, commands)

    def makers(self, candidate: Candidate) -> list[Entry]:
        """Return the entries that made a candidate."""
        return [entry for entry in self.ballot.entries if entry.candidate == candidate.id]

    def _commands(self, candidate: Candidate) -> tuple[LogStep, ...]:
        logs = (self.log(entry.by) for entry in self.makers(candidate))
        return tuple(next((log for log in logs if log), ()))
