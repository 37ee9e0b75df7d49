"""Which consensus model answers which task: none that was fitted on tasks of this pool may score them."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Literal, Protocol

import agent.patch
import swebench_runs.choosing.fitting
import verifiers.consensus
from swebench_runs.bench.rules.figures import Verifier
from swebench_runs.choosing.labelled_pool import LabelledTask, pool_hash
from swebench_runs.errors import UsageError
from swebench_runs.run_folder.files import write_whole
from verifiers.consensus import Consensus

Say = Callable[[str], None]
"""Takes one line of progress."""


class Fit(Protocol):
    """``swebench_runs.choosing.fitting.fit``, or one that remembers."""

    def __call__(self, tasks: Sequence[LabelledTask], *, seed: int) -> Consensus:
        """Fit a model to graded tasks; UsageError where they are too few."""


@dataclass(frozen=True)
class Fitter:
    """Fits models, each once: what is fitted is kept in a folder, so that an interrupted bench goes on from there."""

    fit: Fit
    seed: int
    folder: Path | None
    """None: nothing is kept."""
    say: Say

    def __call__(self, tasks: Sequence[LabelledTask], purpose: str) -> Consensus:
        """Return the model fitted on these tasks."""
        path = self.folder / f"{self._key(tasks)}.json" if self.folder else None
        if path and path.is_file():
            self.say(f"{purpose}: fitted before")
            return Consensus.load(path)
        self.say(f"{purpose}: fitting on {len(tasks)} tasks")
        model = self.fit(tasks, seed=self.seed)
        if path:
            write_whole(path, model.model_dump_json())
        return model

    def _key(self, tasks: Sequence[LabelledTask]) -> str:
        statements = "\0".join(task.statement for task in tasks)
        text = f"{pool_hash(tasks)} {self.seed} {code_version()} {statements}"
        return hashlib.sha256(text.encode(errors="surrogateescape")).hexdigest()[:16]


@dataclass(frozen=True)
class Models:
    """The models of the pool's tasks."""

    by_repository: Mapping[str, Consensus]
    """Empty where consensus cannot be measured."""
    verifier: Verifier

    def of(self, task: LabelledTask) -> Consensus:
        """Return the model that may score a task."""
        return self.by_repository[task.repository]

    def confidence(self, task: LabelledTask) -> float:
        """Return how sure that model is of its choice."""
        model = self.of(task)
        return model.confidence(task.evidence, model.log_odds(task.evidence))


def models_for(tasks: Sequence[LabelledTask], committed: Consensus, fitter: Fitter) -> Models:
    """Take the committed model where it has seen no task of the pool, else one per repository, fitted on the others."""
    repositories = repositories_of(tasks)
    seen = len({task.instance_id for task in tasks} & set(committed.report.get("instances", ())))
    if not seen:
        note = "the committed model has seen no task of this pool"
        return Models(dict.fromkeys(repositories, committed), _verifier(committed, "as committed", seen, note))
    try:
        by_repository = {
            name: fitter([task for task in tasks if task.repository != name], f"fold {number} of {len(repositories)}")
            for number, name in enumerate(repositories, 1)
        }
    except UsageError as error:
        note = f"the committed model was fitted on {seen} of these tasks, and other folds cannot be: {error}"
        return Models({}, _verifier(committed, "not measured", seen, note))
    note = (
        f"the committed model was fitted on {seen} of these tasks: each repository is scored by a model of the others"
    )
    return Models(by_repository, _verifier(committed, "cross-validated by repository", seen, note))


def repositories_of(tasks: Iterable[LabelledTask]) -> list[str]:
    """Return the repositories, sorted."""
    return sorted({task.repository for task in tasks})


@cache
def code_version() -> str:
    """Return a hash of the code that reads patches, makes features and fits."""
    digest = hashlib.sha256()
    for package in (agent.patch, verifiers.consensus, swebench_runs.choosing.fitting):
        for folder in package.__path__:
            for path in sorted(Path(folder).rglob("*.py")):
                digest.update(path.read_bytes())
    return digest.hexdigest()[:16]


def _verifier(
    committed: Consensus,
    how: Literal["as committed", "cross-validated by repository", "not measured"],
    seen: int,
    note: str,
) -> Verifier:
    fitted_on = committed.report.get("pool_hash")
    return Verifier(version=committed.version, how=how, fitted_on=fitted_on and str(fitted_on), seen=seen, note=note)
