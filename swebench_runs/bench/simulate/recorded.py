"""The work of tasks, read from a run's records: what was waited for, in its order."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from typing import Any

from agent.trajectory.journal import read_journal
from swebench_runs.bench.simulate.shape import Piece, TaskWork
from swebench_runs.errors import UsageError
from swebench_runs.run_folder.store import Run
from swebench_runs.run_folder.task_folder import TaskFolder

_LATER = ("judge", "runoff")
"""Kinds of trajectories that come after the votes."""


def recorded_work(run: Run) -> list[TaskWork]:
    """Return the work of each decided task of a run that was made in one sitting.

    A run that kept its machine idle between its tasks' steps (``-w 1``) shows what each takes alone; in a busy one
    what others took is in it. UsageError where no task is decided.
    """
    found = [work for name in run.instances if (work := _task(run.task(name))) is not None]
    if not found:
        raise UsageError(f"{run.path} has no decided task of one sitting: make a small run first, best with -w 1")
    return found


def _task(folder: TaskFolder) -> TaskWork | None:
    times: dict[str, list[datetime]] = {}
    for event in folder.events():
        name = str(event["event"]) + (f" {event['stage']}" if "stage" in event else "")
        times.setdefault(name, []).append(datetime.fromisoformat(str(event["at"])))
    if len(times.get("begun", ())) != 1 or len(times.get("decided", ())) != 1:
        return None
    begun, decided = times["begun"][0], times["decided"][0]
    first = min([*times.get("stage_start tests", []), *times.get("stage_start edits", [])], default=decided)
    last = max([*times.get("stage_end tests", []), *times.get("stage_end edits", [])], default=first)
    edits = [path for path in folder.journals() if path.stem.partition("-")[0] not in (*_LATER, "locate")]
    later = [path for path in folder.journals() if path.stem.partition("-")[0] in _LATER]
    asked = [piece for path in later for piece in _pieces(read_journal(path)) if piece.kind == "call"]
    rest = (decided - last).total_seconds() - sum(piece.seconds for piece in asked)
    return TaskWork(
        before=(Piece("core", (first - begun).total_seconds()),),
        trajectories=tuple(tuple(_pieces(read_journal(path))) for path in edits),
        after=(Piece("core", max(rest, 0.0)), *asked),
    )


def _pieces(lines: Iterable[Mapping[str, Any]]) -> Iterator[Piece]:
    for line in lines:
        kind, answer = line.get("kind"), line.get("answer") or {}
        if kind == "model":
            yield Piece("call", float(answer.get("latency") or 0.0))
        elif kind == "command":
            yield Piece("core", float(answer.get("seconds") or 0.0))
        elif kind == "run":
            yield from (Piece("core", float(one["seconds"])) for one in answer.get("executions", ()))
