"""What a task's models are shown of its repository, and the forms in which they answer."""

from __future__ import annotations

from collections.abc import Sequence

from agent.context import Context
from agent.context.traces import TaskTraces
from agent.models.profiles import ModelProfile
from agent.scaffolds.replies import ReplyForms
from swebench_runs.one_task.context.locating import known_location
from swebench_runs.one_task.context.task_context import task_context
from swebench_runs.one_task.players import Player
from swebench_runs.one_task.work import Work


def seen(work: Work, profile: ModelProfile, executed: TaskTraces | None) -> Context:
    """Return what a model of this profile sees; ``executed``: what is known by execution at this stage."""
    files = work.bench.everything()
    located = known_location(work)
    return task_context(work.folder, work.task.problem_statement, files, profile.shown, executed, located)


def reply_forms(work: Work, players: Sequence[Player], executed: TaskTraces | None) -> dict[str, ReplyForms]:
    """Return model -> the forms in which it may answer."""
    files, facts = work.bench.everything(), work.bench.facts
    return {by.name: ReplyForms(by.profile, seen(work, by.profile, executed), files, facts) for by in players}
