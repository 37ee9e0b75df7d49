"""Patches that somebody gave with a task (``given_patches.json``): choosing starts from them, and nothing is edited.

They stand in the task's record as editing trajectories that are over, so that every later stage, and whoever reads a
run, needs to know of no second kind of candidate.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from contextlib import suppress

from pydantic import BaseModel, ConfigDict

from agent.patch import PatchError, normalise, sections
from agent.trajectory.trajectory import Ending, Trajectory
from environments.sandboxes.contract import Sandbox
from environments.trees.apply_chain import apply_as_harness
from swebench_runs.errors import UsageError
from swebench_runs.one_task.so_far import best_so_far
from swebench_runs.one_task.work import Work
from swebench_runs.run_folder.task_folder import SO_FAR

FILE = "given_patches.json"
_SECONDS = 60.0


class GivenPatch(BaseModel):
    """One attempt of anyone's at a task."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    patch: str
    """In the form that applies; empty where the attempt is no candidate."""
    source: str
    """Where it was read: a file and the place in it."""
    system: str = ""
    """Who made it, as its file says; no rule sees it."""
    problem: str = ""
    """Why it is no candidate."""


class GivenPatches(BaseModel):
    """All attempts at one task, in an order that depends on the patches alone."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    patches: tuple[GivenPatch, ...]


def given_attempts(work: Work) -> list[Trajectory] | None:
    """Return the given patches as trajectories that are over; None for a run that makes its own.

    The most frequent of them is the task's best patch so far. UsageError where the run's are to be given and were not.
    """
    if not work.config.given:
        return None
    given = work.folder.read(FILE, GivenPatches)
    if given is None:
        raise UsageError(f"{work.task.instance_id} has no {FILE}: choose among patches by `runoff select --execute`")
    fitting = {patch: _fitting(work, patch) for patch in dict.fromkeys(one.patch for one in given.patches)}
    attempts = [
        Trajectory(id=f"edit-{index}", kind="edit", ending=Ending.SUBMITTED, patch=fitting[one.patch], model=one.system)
        for index, one in enumerate(given.patches)
    ]
    if not work.folder.has(SO_FAR) and (best := best_so_far(attempts, work.bench.read, ended=len(attempts))):
        work.folder.write(SO_FAR, best)
    return attempts


def _fitting(work: Work, patch: str) -> str:
    """Return a patch that git does not apply as the change that the official harness makes of it, where it makes one.

    The harness then asks ``patch``, which takes lines that have moved: what it would grade is what is chosen among.
    """
    try:
        normalise(patch, work.bench.read)
    except PatchError:
        return work.bench.apart(lambda fork: _as_the_harness(fork, patch)) or patch
    return patch


def _as_the_harness(fork: Sandbox, patch: str) -> str:
    applied = apply_as_harness(fork, patch)
    if applied.command is None or applied.partial:
        return ""
    fork.run(["git", "clean", "-fdq", "--", "*.orig", "*.rej"], timeout=_SECONDS)
    return fork.diff()


def changed_files(attempts: Sequence[Trajectory]) -> list[str]:
    """Return the files that attempts change, tests among them, those first that most of them do."""
    counted: Counter[str] = Counter()
    for attempt in attempts:
        with suppress(PatchError):  # it is no candidate either, which gathering tells
            counted.update({part.path for part in sections(attempt.patch)})
    return sorted(counted, key=lambda path: (-counted[path], path))
