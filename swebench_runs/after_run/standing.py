"""How a run stands, read from its folder alone: by another process, on another machine, while it goes on or after."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

from agent.models.contract import Usage
from agent.trajectory.call_record import Calls, calls_of
from agent.trajectory.journal import paid, read_journal
from swebench_runs.many_tasks.live_view.spent_by import Spent
from swebench_runs.run_folder.folder_lock import is_locked
from swebench_runs.run_folder.store import Run
from swebench_runs.run_folder.task_folder import TaskFolder

State = Literal["done", "running", "stopped", "failed", "waiting"]
"""``stopped``: begun, and no command works on the run any more."""
_ENDS = ("decided", "infrastructure_error")
"""Events after which a task is not worked on until it is begun again."""


@dataclass(frozen=True)
class TaskStanding:
    """How one task stands."""

    name: str
    state: State
    node: str
    """Where it was begun last; empty where it was not."""
    stage: str
    """What it is at, or why it failed."""
    since: datetime | None
    """When that began."""


@dataclass(frozen=True)
class Standing:
    """How a run stands."""

    tasks: tuple[TaskStanding, ...]
    driven: bool
    """Whether a command works on the run now."""
    spent: Spent
    calls: Calls
    """What the calls came to, try by try."""
    per_hour: float | None
    """Tasks decided an hour in this sitting; None where none was."""
    seconds_left: float | None
    """Until all are decided at that rate; None where nobody can tell."""

    def count(self, state: State) -> int:
        """Return how many tasks stand so."""
        return sum(task.state == state for task in self.tasks)

    def by_node(self) -> dict[str, tuple[list[TaskStanding], list[TaskStanding]]]:
        """Return each node's decided and running tasks."""
        nodes = sorted({task.node for task in self.tasks} - {""})
        states: tuple[State, State] = ("done", "running")
        return {
            node: (
                [task for task in self.tasks if task.node == node and task.state == states[0]],
                [task for task in self.tasks if task.node == node and task.state == states[1]],
            )
            for node in nodes
        }


def standing(run: Run, now: datetime) -> Standing:
    """Read how a run stands at a time (with its zone). Nothing is written."""
    began = datetime.fromisoformat((run.header.get("resumed") or [run.header["started"]])[-1])
    folders = {name: run.task(name) for name in run.instances}
    driven = is_locked(run.path)
    tasks = tuple(_task(name, folder, driven) for name, folder in folders.items())
    decided = [task for task in tasks if task.state == "done" and task.since and task.since >= began]
    elapsed = (now - began).total_seconds()
    left = len(tasks) - sum(task.state == "done" for task in tasks)
    rate = len(decided) / elapsed if decided and elapsed > 0 else None
    return Standing(
        tasks=tasks,
        driven=driven,
        spent=_spent(folders),
        calls=calls_of(folder.calls_path for folder in folders.values()),
        per_hour=rate and rate * 3600,
        seconds_left=left / rate if rate and driven else None,
    )


def _task(name: str, folder: TaskFolder, driven: bool) -> TaskStanding:
    events = folder.events()
    begun = _last(events, "begun")
    node = str(events[begun].get("node", "")) if begun is not None else ""
    if folder.has("decision.json"):
        decided = _last(events, "decided")
        return TaskStanding(name, "done", node, "", None if decided is None else _time(events[decided]))
    if begun is None:
        return TaskStanding(name, "waiting", "", "", None)
    latest = events[begun:]
    if latest[-1]["event"] in _ENDS:
        return TaskStanding(name, "failed", node, str(latest[-1].get("reason", "")), _time(latest[-1]))
    stage = _last(latest, "stage_start")
    at = latest[stage] if stage is not None else latest[0]
    state: State = "running" if driven else "stopped"
    return TaskStanding(name, state, node, str(at.get("stage", "environment")), _time(at))


def _last(events: list[dict[str, Any]], name: str) -> int | None:
    return next((place for place in reversed(range(len(events))) if events[place]["event"] == name), None)


def _time(event: Mapping[str, Any]) -> datetime:
    return datetime.fromisoformat(event["at"])


def _spent(folders: Mapping[str, TaskFolder]) -> Spent:
    """Add up every answer on record, those that were set aside too."""
    spent = Spent()
    for folder in folders.values():
        for path in (*folder.superseded(), *folder.journals()):
            for line in read_journal(path):
                for answer in paid(line):
                    spent.add(Usage.model_validate(answer["usage"]), answer["cost"])
    return spent
