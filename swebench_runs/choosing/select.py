"""Choosing among anyone's predictions: without a model, a sandbox or a grade."""

from __future__ import annotations

import os
from collections import defaultdict
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from multiprocessing import get_context
from pathlib import Path

from selection.rules import SELECT_RULE
from swebench_runs.choosing.choose import Choice, Selector, choose, selector
from swebench_runs.choosing.predictions import Prediction, Reading, read_predictions
from swebench_runs.choosing.tasks import Asked, asked_for

SHARE = 50
"""Tasks that are worth a process: fewer are chosen sooner than it starts."""


@dataclass(frozen=True)
class Selection:
    """What was chosen for every task, and what that rests on."""

    selector: Selector
    reading: Reading
    choices: dict[str, Choice]
    """By instance id: in the order of the subset, else by id."""
    outside: dict[str, int]
    """Instance id that the subset does not have -> how many predictions for it were left out."""


def select(
    candidates: Sequence[Path],
    *,
    subset: str | None = None,
    statements: Sequence[Path] = (),
    rule: str = SELECT_RULE,
    verifier: Path | None = None,
    min_confidence: float = 0.5,
) -> Selection:
    """Read candidates in any form that peers write and choose one for each task. Raises UsageError.

    ``subset`` names the tasks asked for; without it they are those that the candidates are for. Choices depend on the
    patches and the issues alone: not on grades, names of systems, or the order of files and rows.
    """
    chooser = selector(rule, verifier)
    asked = asked_for(subset, statements)
    reading = read_predictions(candidates)
    by_task: dict[str, list[Prediction]] = defaultdict(list)
    for prediction in reading.predictions:
        by_task[prediction.instance_id].append(prediction)
    wanted = asked.instances if asked.instances is not None else tuple(sorted(by_task))
    jobs = [(name, by_task[name], _issue(asked, by_task[name], name), chooser, min_confidence) for name in wanted]
    choices = dict(zip(wanted, _choose_all(jobs), strict=True))
    outside = {name: len(found) for name, found in sorted(by_task.items()) if name not in choices}
    return Selection(chooser, reading, choices, outside)


def _choose_all(jobs: Sequence[tuple[str, list[Prediction], str, Selector, float]]) -> list[Choice]:
    """Choose for every task; many tasks are shared out among the cores that this process may use."""
    workers = min(len(os.sched_getaffinity(0)), len(jobs) // SHARE)
    if workers < 2:
        return [choose(*job) for job in jobs]
    forked = get_context("fork")  # the other ways start an interpreter that looks into the current folder
    with ProcessPoolExecutor(workers, mp_context=forked) as pool:
        return list(pool.map(choose, *zip(*jobs, strict=True), chunksize=SHARE))


def _issue(asked: Asked, predictions: Sequence[Prediction], name: str) -> str:
    """Return the issue as the user gave it, else as the candidates' files have it: the longest text that one has."""
    said = {prediction.issue for prediction in predictions}
    return asked.issues.get(name) or max(said, key=lambda text: (len(text), text), default="")


__all__ = ["Choice", "Selection", "Selector", "select"]
