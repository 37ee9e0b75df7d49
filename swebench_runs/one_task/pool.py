"""What a task's trajectories came to (``candidates.json``): all that choosing starts from."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict

from agent.trajectory.trajectory import Trajectory
from environments.workbench.outcome import GeneratedTest
from verifiers.ballot import Candidate, Entries

FILE = "candidates.json"


class Pool(BaseModel):
    """Trajectories, editing ones first; the different patches they made, and which entry made which."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    trajectories: tuple[Trajectory, ...]
    candidates: tuple[Candidate, ...]
    entries: Entries
    issue_tests: tuple[GeneratedTest, ...] = ()
    """The tests that the harness made of the issue's own examples."""

    @property
    def tests(self) -> tuple[GeneratedTest, ...]:
        """The different generated tests, in the order of the ballot's: the issue's own, then the trajectories'."""
        written = [*self.issue_tests, *(t.test for t in self.trajectories if t.test is not None)]
        return tuple({test.id: test for test in written}.values())
