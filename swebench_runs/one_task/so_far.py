"""The best patch of a task so far (``so_far.json``): what is handed in where the task comes to no decision.

Written each time an editing trajectory ends, so that a run that is stopped, killed, out of budget or half failed has
an answer for every task with a patch. Weaker than a decision: no vote, no judge and no run-off stand behind it.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from pydantic import BaseModel, ConfigDict

from agent.trajectory.trajectory import Trajectory
from selection.candidates import candidates_of
from swebench_runs.run_folder.task_folder import SO_FAR, TaskFolder


class SoFar(BaseModel):
    """A candidate that was the best one when its trajectories had ended and the task was not over."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    candidate: str
    patch: str
    trajectories: tuple[str, ...]
    """Those that made this patch."""
    verified: bool
    """In one of them the harness saw its test fail on the base and pass on the patch."""
    ended: int
    """Editing trajectories that had ended by then."""


def best_so_far(trajectories: Sequence[Trajectory], read_base: Callable[[str], bytes]) -> SoFar | None:
    """Return the candidate that was verified most often, then made most often, then first; None without any."""
    candidates, entries = candidates_of(trajectories, read_base)
    by_id = {trajectory.id: trajectory for trajectory in trajectories}
    found = []
    for candidate in candidates:
        makers = [by_id[entry.id] for entry in entries if entry.candidate == candidate.id]
        found.append((sum(maker.verified for maker in makers), len(makers), candidate, makers))
    if not found:
        return None
    verified, _, candidate, makers = max(found, key=lambda one: one[:2])
    return SoFar(
        candidate=candidate.id,
        patch=candidate.patch,
        trajectories=tuple(maker.id for maker in makers),
        verified=verified > 0,
        ended=len(trajectories),
    )


def read_so_far(folder: TaskFolder) -> SoFar | None:
    """Return a task's best patch so far; None where no trajectory has ended with one."""
    return folder.read(SO_FAR, SoFar)
