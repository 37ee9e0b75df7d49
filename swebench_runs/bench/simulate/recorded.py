"""The work of tasks, read from a run's records: what was waited for, in its order."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from agent.trajectory.journal import read_journal
from environments.record_file import read_lines
from environments.workbench.forks.patched_trees import BASE_HASH, patch_hash
from swebench_runs.bench.simulate.shape import Piece, TaskWork, TrajectoryWork
from swebench_runs.errors import UsageError
from swebench_runs.many_tasks.machine_record import TAKEN
from swebench_runs.one_task.pool import FILE, Pool
from swebench_runs.run_folder.store import Run
from swebench_runs.run_folder.task_folder import TaskFolder

_LATER = ("judge", "runoff")
"""Kinds of trajectories that come after the votes."""


def recorded_work(run: Run) -> list[TaskWork]:
    """Return the work of each decided task of a run that was made in one sitting.

    A run that kept its machine idle between its tasks' steps (``-w 1``) shows what each takes alone; in a busy one
    what others took is in it, and what Runoff's own process takes between the steps of a trajectory is not seen.
    UsageError where no task is decided.
    """
    alone = run.config.workers == 1
    found = [work for name in run.instances if (work := _task(run.task(name), alone)) is not None]
    if not found:
        raise UsageError(f"{run.path} has no decided task of one sitting: make a small run first, best with -w 1")
    return found


@dataclass(frozen=True)
class _Tests:
    """The seconds of the tests on a task's record, each of which was run once."""

    on_base: tuple[Piece, ...]
    """Of existing tests."""
    on_patches: Mapping[str, tuple[Piece, ...]]
    """Hash of a patch -> what was run on it."""
    suites: frozenset[str]
    """Those that are existing tests, by their names."""

    def suite_on(self, patch: str) -> Iterator[Piece]:
        """Yield the existing tests on a patch, told by the beginning of its hash."""
        for known, pieces in self.on_patches.items():
            if patch and known.startswith(patch):
                yield from (piece for piece in pieces if piece.once in self.suites)


@dataclass(frozen=True)
class _Moments:
    """When a task of one sitting was begun, its trajectories were, they were over, and it was decided."""

    begun: datetime
    first: datetime
    last: datetime
    decided: datetime


def _moments(events: Iterable[Mapping[str, Any]]) -> _Moments | None:
    """Return a task's moments; None for one that is undecided, or of several sittings."""
    times: dict[str, list[datetime]] = {}
    for event in events:
        name = str(event["event"]) + (f" {event['stage']}" if "stage" in event else "")
        times.setdefault(name, []).append(datetime.fromisoformat(str(event["at"])))
    if len(times.get("begun", ())) != 1 or len(times.get("decided", ())) != 1:
        return None
    begun, decided = times["begun"][0], times["decided"][0]
    first = min([*times.get("stage_start tests", []), *times.get("stage_start edits", [])], default=decided)
    last = max([*times.get("stage_end tests", []), *times.get("stage_end edits", [])], default=first)
    return _Moments(begun, first, last, decided)


def _task(folder: TaskFolder, alone: bool) -> TaskWork | None:
    events = folder.events()
    at = _moments(events)
    if at is None:
        return None
    tests, made = _tests(folder), _patches(folder)
    kinds = {path: path.stem.partition("-")[0] for path in folder.journals()}
    trajectories = [
        _trajectory(read_journal(path), tests, made.get(path.stem, ""))
        for path, kind in kinds.items()
        if kind not in (*_LATER, "locate")
    ]
    later = [path for path, kind in kinds.items() if kind in _LATER]
    asked = [piece for path in later for piece in _steps(read_journal(path), tests) if piece.kind == "call"]
    known = {piece for one in trajectories for piece in one.pieces if piece.once}
    votes = {piece for one in trajectories for piece in one.votes} - known
    before = max(_seconds(at.begun, at.first), 0.0)
    between = max(_seconds(at.first, at.last) - _sum(_first_of_each(trajectories)), 0.0) if alone else 0.0
    after = max(_seconds(at.last, at.decided) - _sum([*votes, *asked]), 0.0)
    own = _own_seconds(events) if alone else None
    unseen = before + between + after
    share = 1.0 if own is None or not unseen else min(own / unseen, 1.0)
    calls = sum(piece.kind == "call" for one in trajectories for piece in one.pieces)
    in_call = max((own or 0.0) - unseen, 0.0) / max(calls, 1)
    of_each = _unseen(between / max(len(trajectories), 1), share)
    return TaskWork(
        before=_unseen(before, share),
        beside=tests.on_base,
        trajectories=tuple(_spread(one, of_each, in_call) for one in trajectories),
        after=(*_unseen(after, share), *asked),
    )


def _seconds(begin: datetime, end: datetime) -> float:
    return (end - begin).total_seconds()


def _sum(pieces: Iterable[Piece]) -> float:
    return sum(piece.seconds for piece in pieces)


def _first_of_each(trajectories: Iterable[TrajectoryWork]) -> Iterator[Piece]:
    """Yield the pieces that were really waited for, one trajectory after the other."""
    known = set()
    for one in trajectories:
        for piece in one.pieces:
            if not piece.once or piece.once not in known:
                yield piece
            known.add(piece.once)


def _own_seconds(events: Iterable[Mapping[str, Any]]) -> float | None:
    """Return the processor time of Runoff's own process; None in records of before, where all that no step tells of is
    taken for it."""
    found = [
        event["own_seconds"] for event in events if event["event"] == TAKEN and event.get("own_seconds") is not None
    ]
    return float(sum(found)) if found else None


def _unseen(seconds: float, own: float) -> tuple[Piece, ...]:
    """Return time that no step tells of as what Runoff's process did and what the programs did that it started."""
    pieces = (Piece("own", seconds * own), Piece("side", seconds * (1 - own)))
    return tuple(piece for piece in pieces if piece.seconds > 0)


def _spread(work: TrajectoryWork, between: tuple[Piece, ...], in_call: float) -> TrajectoryWork:
    """Put what comes between a trajectory's steps there, in equal parts; ``in_call``: our own work within a call."""
    parts = [Piece(piece.kind, piece.seconds / max(len(work.pieces), 1)) for piece in between]
    pieces = list[Piece]() if work.pieces else list(between)
    for piece in work.pieces:
        own = min(in_call, piece.seconds / 2) if piece.kind == "call" else 0.0
        pieces += [replace(piece, seconds=piece.seconds - own), *([Piece("own", own)] if own else []), *parts]
    return TrajectoryWork(tuple(pieces), work.votes)


def _tests(folder: TaskFolder) -> _Tests:
    on_base, on_patches, suites = list[Piece](), dict[str, list[Piece]](), set[str]()
    for line in read_lines(folder.executions_path):
        answer = line.get("answer")
        if not isinstance(answer, dict):
            continue  # the header
        piece = Piece("core", float(answer.get("seconds") or 0.0), f"{line['test']} {line['patch']} {line['repeat']}")
        suites |= {piece.once} if "outcomes" in answer else set()
        if line["patch"] != BASE_HASH:
            on_patches.setdefault(line["patch"], []).append(piece)
        elif piece.once in suites:
            on_base.append(piece)
    return _Tests(tuple(on_base), {patch: tuple(pieces) for patch, pieces in on_patches.items()}, frozenset(suites))


def _patches(folder: TaskFolder) -> dict[str, str]:
    """Return the name of each trajectory that made a patch -> the patch's hash."""
    pool = folder.read(FILE, Pool)
    return {one.id: patch_hash(one.patch) for one in pool.trajectories if one.patch} if pool else {}


def _trajectory(lines: Iterable[Mapping[str, Any]], tests: _Tests, patch: str) -> TrajectoryWork:
    """Return a trajectory's steps, and what of the tests of its patch it left to the votes."""
    pieces = tuple(_steps(lines, tests))
    ran = {piece.once for piece in pieces}
    return TrajectoryWork(pieces, tuple(piece for piece in tests.on_patches.get(patch, ()) if piece.once not in ran))


def _steps(lines: Iterable[Mapping[str, Any]], tests: _Tests) -> Iterator[Piece]:
    for line in lines:
        kind, answer = line.get("kind"), line.get("answer") or {}
        if kind == "model":
            yield Piece("call", float(answer.get("latency") or 0.0))
        elif kind == "command":
            yield Piece("core", float(answer.get("seconds") or 0.0))
        elif kind == "run":
            yield from (Piece("core", float(one["seconds"])) for one in answer.get("executions", ()))
        elif kind == "suite":
            yield from tests.suite_on(str(line["request"].get("patch") or ""))
