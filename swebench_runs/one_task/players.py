"""Who plays a trajectory of a task: its model, with what is known of it, and its scaffold.

What is on record keeps both: a trajectory is never continued by another model or scaffold than it was begun with.
Judges and run-offs that another model has begun and not ended are held anew: they are one question each.
"""

from __future__ import annotations

from dataclasses import dataclass

from agent.models.contract import Model
from agent.models.profiles import ModelProfile
from agent.models.roles import Role
from agent.scaffolds import SCAFFOLDS, Scaffold, scaffolds_of
from agent.trajectory.retired_model import RetiredModel
from agent.trajectory.trajectory import Kind
from swebench_runs.config import RunConfig, nearest
from swebench_runs.errors import UsageError
from swebench_runs.one_task.task_run import Shared
from swebench_runs.run_folder.task_folder import TaskFolder

ROLE_OF: dict[Kind, Role] = {
    "locate": "locate",
    "edit": "edit",
    "test": "test",
    "judge": "judge",
    "runoff": "runoff",
    "single": "edit",
}
"""Kind of a trajectory -> the role of its model."""


@dataclass(frozen=True)
class Player:
    """The model of one trajectory."""

    name: str
    model: Model
    profile: ModelProfile
    role: Role


def player(shared: Shared, folder: TaskFolder, kind: Kind, index: int) -> Player:
    """Return who plays a trajectory: whom its record names, else the role's model, drawn by weight from a pool."""
    config, role = shared.config, ROLE_OF[kind]
    pool = config.pool_of(role)
    name = pool.draw(index, config.seed) if role in ("edit", "test") else pool.first
    if folder.has_answer(kind, index) and (role in ("edit", "test") or folder.over(kind, index)):
        name = str(folder.header(kind, index).get("model", name))
    model = shared.models.get(name) if shared.models else shared.model
    return Player(name, model or RetiredModel(name), config.profile_of(name), role)


def scaffold_names(config: RunConfig, folder: TaskFolder, players: list[Player]) -> list[str]:
    """Return the scaffold of each editing trajectory, of whom ``players`` are the models."""
    begun = {
        index: str(folder.header("edit", index).get("scaffold") or "edit-and-test")
        for index in range(len(players))
        if folder.has_answer("edit", index)
    }
    mix = config.mix
    return [
        mix.of(index, begun) if mix else begun.get(index, one.profile.scaffold) for index, one in enumerate(players)
    ]


def scaffold_of_test(config: RunConfig, folder: TaskFolder, by: Player, index: int) -> str:
    """Return the scaffold of a test trajectory, whose model is ``by``: the one that it was begun with, if it was."""
    if folder.has_answer("test", index):
        return str(folder.header("test", index).get("scaffold") or "test-writing")
    return config.test_scaffold or usual_test_scaffold(by.profile)


def usual_test_scaffold(profile: ModelProfile) -> str:
    """Return how a model writes tests unless the configuration says: as it edits, where there is such a way."""
    return {"tools": "tools-test", "sampling": "sampled-tests"}.get(profile.scaffold, "test-writing")


def scaffold(name: str, model: str) -> Scaffold:
    """Return a scaffold that edits; UsageError where a model's profile names none."""
    if name not in (known := scaffolds_of("edit")):
        raise UsageError(f"the profile of {model} names no scaffold that edits: {name!r}{nearest(name, known)}")
    return SCAFFOLDS[name]
