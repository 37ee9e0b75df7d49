"""Where unresolved tasks were lost: the first stage, on the way to a right patch, that failed."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from enum import StrEnum

from agent.trajectory.trajectory import Ending
from swebench_runs.figures.metrics.graded import GradedTask, TaskState


class Loss(StrEnum):
    """The stage at which a task was lost."""

    RESOLVED = "resolved"
    UNDECIDED = "undecided"
    NOT_GRADED = "not graded"
    MODEL = "model failed"
    CONTEXT = "context"
    NO_VALID_TEST = "no valid test"
    LIMITS = "limits"
    NO_PATCH = "no patch that applies"
    WRONG_FIX = "wrong fix"
    WRONG_CHOICE = "wrong choice"
    WRONG_PATCH = "wrong fix or choice"
    """The chosen patch is wrong, and nobody has graded the others."""


LIMITS = frozenset({Ending.TOKEN_LIMIT, Ending.COST_LIMIT, Ending.TIME_LIMIT, Ending.CONTEXT_LIMIT})
"""Endings by a budget or a window; running out of turns is the ordinary end of an attempt that did not get there."""
LOOKING = frozenset({"tools"})
"""Scaffolds whose trajectories read the repository themselves: what they were shown first does not lose a task."""
FAILURES = frozenset({Ending.MODEL_ERROR, Ending.SANDBOX_ERROR})


def loss(task: GradedTask) -> Loss:
    """Attribute one task. A task with a right candidate lost it by choosing, whatever else went wrong before."""
    if task.state is TaskState.RESOLVED:
        return Loss.RESOLVED
    if task.state is TaskState.UNDECIDED:
        return Loss.UNDECIDED
    if task.state is TaskState.NOT_GRADED:
        return Loss.NOT_GRADED
    if task.successes:
        return Loss.WRONG_CHOICE
    patched = any(entry.candidate for entry in task.editing)
    if not patched and _most(task, FAILURES):
        return Loss.MODEL
    if not patched and _most(task, LIMITS) and not _asked(task):
        return Loss.LIMITS
    if task.context_hit is False and not _looked_around(task):
        return Loss.CONTEXT
    if not any(map(task.ballot.reproduces, task.ballot.tests)):
        return Loss.NO_VALID_TEST
    if not patched:
        return Loss.LIMITS if _most(task, LIMITS) else Loss.NO_PATCH
    return Loss.WRONG_PATCH if task.ungraded else Loss.WRONG_FIX


def losses(tasks: Sequence[GradedTask]) -> dict[Loss, int]:
    """Count tasks by the stage at which they were lost, in the order of the stages; resolved ones first."""
    counts = Counter(map(loss, tasks))
    return {stage: counts[stage] for stage in Loss}


def _asked(task: GradedTask) -> bool:
    """Tell whether a model answered any editing trajectory: what it was shown can only then have lost the task."""
    return any(trajectory.turns for trajectory in task.of_kind("edit"))


def _looked_around(task: GradedTask) -> bool:
    """Tell whether an editing trajectory could look for what the context did not show."""
    return any(trajectory.scaffold in LOOKING for trajectory in task.of_kind("edit"))


def _most(task: GradedTask, words: frozenset[Ending]) -> bool:
    """Tell whether most editing trajectories ended by one of these words, not by an end of their own."""
    endings = [trajectory.ending for trajectory in task.of_kind("edit")]
    return 2 * sum(ending in words for ending in endings) > len(endings)
