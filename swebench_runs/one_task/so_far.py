"""The best patch of a task so far (``so_far.json``): what is handed in where the task comes to no decision.

Written each time an editing trajectory has made a patch or ends, so that a run that is stopped, killed, out of budget
or half failed has an answer for every task with a patch. Weaker than a decision: no vote, no judge and no run-off
stand behind it.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence

from pydantic import BaseModel, ConfigDict

from agent.suspicion import suspicions
from agent.trajectory.trajectory import Trajectory
from selection.candidates import candidates_of
from swebench_runs.run_folder.task_folder import SO_FAR, TaskFolder
from verifiers.ballot import Candidate


class SoFar(BaseModel):
    """The candidate that was the best one when the task was not over."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    candidate: str
    patch: str
    trajectories: tuple[str, ...]
    """Those that made this patch."""
    verified: bool
    """In one of them the harness saw its test fail on the base and pass on the patch."""
    ended: int
    """Editing trajectories that had ended by then."""


class KeptSoFar:
    """Keeps a task's best patch so far on disk while its editing trajectories go on. Safe under many threads."""

    def __init__(self, folder: TaskFolder, read_base: Callable[[str], bytes]) -> None:
        """What an earlier sitting has written stays until what this one has is as good."""
        self._folder, self._read_base = folder, read_base
        self._trajectories: dict[str, Trajectory] = {}
        self._ended = 0
        self._known: dict[str, Candidate | None] = {}
        self._lock = threading.Lock()
        self._floor = _strength(read_so_far(folder))

    def made(self, trajectory: Trajectory) -> None:
        """Count a trajectory with what it has now; it goes on."""
        with self._lock:
            self._count(trajectory)

    def ended(self, trajectory: Trajectory) -> None:
        """Count a trajectory with what it came to."""
        with self._lock:
            self._ended += 1
            self._count(trajectory)

    def _count(self, trajectory: Trajectory) -> None:
        self._trajectories[trajectory.id] = trajectory
        trajectories = [one for _, one in sorted(self._trajectories.items())]
        best = best_so_far(trajectories, self._read_base, ended=self._ended, known=self._known)
        if best is not None and _strength(best) >= self._floor:
            self._folder.write(SO_FAR, best)


def best_so_far(
    trajectories: Sequence[Trajectory],
    read_base: Callable[[str], bytes],
    *,
    ended: int,
    known: dict[str, Candidate | None] | None = None,
) -> SoFar | None:
    """Return the clean candidate that was verified most often, then made most often, then first; None without any.

    ``known``: what patches came to before (see `candidates_of`).
    """
    candidates, entries = candidates_of(trajectories, read_base, known)
    by_id = {trajectory.id: trajectory for trajectory in trajectories}
    found = []
    for candidate in candidates:
        makers = [by_id[entry.by] for entry in entries if entry.candidate == candidate.id]
        verified = 0 if candidate.suspicious else sum(maker.verified for maker in makers)
        found.append((not candidate.suspicious, verified, len(makers), candidate, makers))
    if not found:
        return None
    _, verified, _, candidate, makers = max(found, key=lambda one: one[:3])
    return SoFar(
        candidate=candidate.id,
        patch=candidate.patch,
        trajectories=tuple(dict.fromkeys(maker.id for maker in makers)),
        verified=verified > 0,
        ended=ended,
    )


def read_so_far(folder: TaskFolder) -> SoFar | None:
    """Return a task's best patch so far; None where no trajectory has made one."""
    return folder.read(SO_FAR, SoFar)


def _strength(best: SoFar | None) -> tuple[bool, bool, int]:
    return (not suspicions(best.patch), best.verified, len(best.trajectories)) if best else (False, False, 0)
