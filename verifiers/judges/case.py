"""What a judge is shown: the issue, the code, one candidate, and what the harness saw of it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from agent.models.profiles import ModelProfile
from environments.workbench.outcome import Outcome
from verifiers.ballot import Ballot, Candidate


@dataclass(frozen=True)
class Case:
    """One candidate before a judge; never what the trajectory says of itself, since judges believe confident talk."""

    situation: str
    """The task as every prompt opens: repository, code and issue."""
    candidate: Candidate
    ballot: Ballot
    profile: ModelProfile = field(default_factory=ModelProfile)
    """What is known of the model that is asked."""
    steps: Sequence[tuple[str, str, str]] = ()
    """Where that is asked for, its trajectory's steps (thought, action, observation); thoughts are not shown."""

    def evidence(self) -> list[str]:
        """Return what the harness saw of the candidate, in lines."""
        return evidence(self.ballot, self.candidate)


def evidence(ballot: Ballot, candidate: Candidate) -> list[str]:
    """Return what the harness saw of a candidate, in lines."""
    lines = []
    telling = [test for test in ballot.tests if ballot.reproduces(test)]
    if telling:
        passed = sum(ballot.outcomes[test].get(candidate.id) == Outcome.PASS for test in telling)
        lines.append(f"{passed} of {len(telling)} tests that show the issue on the unchanged code pass")
    broken = ballot.regressions.get(candidate.id)
    if broken is not None and ballot.regression_tests:
        lines.append(f"{len(broken)} of the repository's {len(ballot.regression_tests)} passing tests fail")
    return lines
