"""Graded patches to measure judges on: scores that a run has on record already, or patches to ask about."""

from __future__ import annotations

import random
from collections.abc import Sequence
from pathlib import Path

from environments.text import writable
from selection.rules.evidence import makers, mean_score
from swebench_runs.after_run.graded_tasks import graded_tasks
from swebench_runs.calibrating.worth import ScoredTask
from swebench_runs.choosing.graded_pools import read_pools
from swebench_runs.choosing.labelled_pool import LabelledTask
from swebench_runs.errors import UsageError
from swebench_runs.run_folder.store import Run
from verifiers.ballot import Ballot

MOST_OF_A_KIND = 3
"""Right and wrong candidates of one task that a judge is asked about, unless told."""


def on_record(folders: Sequence[Path]) -> dict[tuple[str, str], list[ScoredTask]]:
    """Return (model, judge) -> the graded tasks that it scored, by the records of runs. UsageError for no run."""
    found: dict[tuple[str, str], list[ScoredTask]] = {}
    for folder in {folder.resolve(): folder for folder in folders}.values():  # one given twice counts once
        if not (folder / "run.yaml").is_file():
            raise UsageError(f"{folder} is no run's folder: say with -m which model is to judge the patches in it")
        run = Run.load(folder)
        model = run.config.pool_of("judge").first
        for task in graded_tasks(run):
            made = {name: entries for name, entries in makers(task.ballot).items() if name in task.resolved}
            for judge in sorted({name for entries in made.values() for entry in entries for name in entry.scores}):
                scores = {name: mean_score(entries, judge) for name, entries in made.items()}
                right = {name: task.resolved[name] for name in made}
                found.setdefault((model, judge), []).append(
                    ScoredTask(f"{folder.name}/{task.instance_id}", task.cluster, right, scores)
                )
    return found


def to_ask(
    pools: Sequence[Path], statements: Sequence[Path], *, draw: int | None, most: int, seed: int
) -> list[LabelledTask]:
    """Return tasks with right and wrong patches, so many drawn by seed, each with at most so many of either.

    UsageError where there is none, and where the issue of one is not known: a judge of a diff alone is another judge.
    """
    mixed = [task for task in read_pools(pools, statements) if task.chances.sum() > 0 and (task.chances < 1).any()]
    mixed = [task for task in mixed if (task.chances == 1).any() and (task.chances == 0).any()]
    if not mixed:
        raise UsageError(
            "no task of the pool has both a right and a wrong patch: nothing to tell apart; give more graded runs"
        )
    drawn = random.Random(seed).sample(mixed, min(draw, len(mixed))) if draw else mixed
    if unknown := [task.instance_id for task in drawn if not task.statement.strip()]:
        raise UsageError(
            f"the issue of {unknown[0]} is not known ({len(unknown)} of {len(drawn)} tasks): give --statements"
        )
    return [_fewer(task, most, seed) for task in sorted(drawn, key=lambda task: task.instance_id)]


def labels(task: LabelledTask) -> dict[str, bool]:
    """Return candidate id -> its grade, of those whose equal patches were all graded alike."""
    pairs = zip(task.ballot.candidates, task.chances, strict=True)
    return {one.id: bool(chance) for one, chance in pairs if chance in (0, 1)}


def _fewer(task: LabelledTask, most: int, seed: int) -> LabelledTask:
    """Return the task with one row of each of so many right and wrong candidates, drawn by seed and id."""
    grades, rng = labels(task), random.Random(f"{seed} {task.instance_id}")
    kept: set[str] = set()
    for side in (True, False):
        names = sorted(name for name, right in grades.items() if right is side)
        kept |= set(rng.sample(names, min(most, len(names))))
    rows, seen = list[int](), set[str]()
    for place, entry in enumerate(task.ballot.entries):
        if entry.candidate in kept and entry.candidate not in seen:
            seen.add(entry.candidate)
            rows.append(place)
    return task.only(rows)


def issue_of(task: LabelledTask) -> Ballot:
    """Return the task's ballot with its issue, as a hearing wants it."""
    return task.ballot.model_copy(update={"issue": writable(task.statement)})
