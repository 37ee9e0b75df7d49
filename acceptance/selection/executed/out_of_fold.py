"""What the consensus verifier says of the executed candidates by a model that saw no task of their repository.

The packaged verifier was fitted on these very tasks. Scores are kept in ``executed_consensus.json``, so
that rules are replayed in seconds; what is missing is scored by models that are fitted first, a minute or two each.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path

from acceptance.record import MEASUREMENTS, ROOT
from swebench_runs.bench.rules import Fitter
from swebench_runs.choosing.fitting import fit
from swebench_runs.choosing.graded_pools import read_pools
from swebench_runs.choosing.labelled_pool import LabelledTask
from swebench_runs.rows.datasets import PATCH_POOL, SUBSETS, data_folder
from swebench_runs.run_folder.files import write_whole
from verifiers.consensus import Consensus

SCORES = MEASUREMENTS / "executed_consensus.json"
FITS = ROOT / "runs" / "executed" / "fits"

Scores = Mapping[str, Mapping[str, float]]
"""Instance id -> candidate id -> log-odds of being right."""


def scores_of(tasks: Sequence[LabelledTask], file: Path = SCORES) -> Scores:
    """Return the scores of all candidates of the tasks; those that were scored before are read from ``file``.

    By the packaged verifier where it saw none of the tasks.
    """
    packaged = Consensus.packaged()
    if not {task.instance_id for task in tasks} & set(packaged.report.get("instances", ())):
        return {task.instance_id: _scored(packaged, task) for task in tasks}
    known: dict[str, dict[str, float]] = json.loads(file.read_text(encoding="utf-8")) if file.exists() else {}
    missing = [task for task in tasks if set(known.get(task.instance_id, ())) != set(_ids(task))]
    if not missing:
        return known
    pool = read_pools([data_folder() / PATCH_POOL], [data_folder() / name for name in SUBSETS.values()])
    fitter = Fitter(fit, 0, FITS, lambda line: print(line, flush=True))
    for repository in sorted({task.repository for task in missing}):
        model = fitter([task for task in pool if task.repository != repository], f"without {repository}")
        for task in missing:
            if task.repository == repository:
                known[task.instance_id] = _scored(model, task)
    write_whole(file, json.dumps(dict(sorted(known.items())), indent=0) + "\n")
    return known


def _scored(model: Consensus, task: LabelledTask) -> dict[str, float]:
    scores = model.log_odds(task.evidence)
    return {one: round(float(score), 6) for one, score in zip(_ids(task), scores, strict=True)}


def _ids(task: LabelledTask) -> list[str]:
    return [one.id for one in task.ballot.candidates]
