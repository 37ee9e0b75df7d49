"""Fit how much each feature of the ranking counts, on rows of Verified that Lite does not have: Lite's are reported.

    python -m acceptance.context.fitting --repos DIR

prints both tables of ``agent/context/relevance/weights.py``, of the rows whose repository is in the folder. Fitted in
two stages, each on the likeliest symbols by the weights there are: what is told of a symbol by its neighbours rests on
what is told of each by itself.
"""

from __future__ import annotations

import argparse
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from scipy.optimize import minimize

from agent.context.index import tree_index
from agent.context.ranking import pool
from agent.context.relevance import Candidates
from agent.context.relevance.candidates import Array
from agent.context.relevance.score import own_features, relation_features, weighed
from agent.context.relevance.weights import ALONE, TOGETHER
from swebench_runs.bench.context.places import changed_places
from swebench_runs.bench.context.sources import Known, known_tasks
from swebench_runs.one_task.context.task_context import symbol_cache
from swebench_runs.rows import load_rows
from swebench_runs.splits.loading import load

LIKELIEST = 5000
"""Symbols of a tree that are fitted on, beside those that its patch changes."""
PENALTY = 0.002
"""Of a weight's square."""
SCALES = {"s.file": 4.0, "s.sum": 4.0, "s.class": 4.0}
"""Features that vary less than others and weigh more: the penalty is to press them as little."""
EITHER_WAY = ("k.", "s.")
"""Features that may count against a symbol; evidence may not."""


@dataclass(frozen=True)
class Example:
    """A row's likeliest symbols, a row each of their features' values, and which of them the right patch changes."""

    names: tuple[str, ...]
    values: Array
    changed: Sequence[int]


def examples(repos: Path, alone: Mapping[str, float], together: Mapping[str, float] | None) -> Iterator[Example]:
    """Yield an example of each row; with what neighbours tell where ``together`` has weights for it."""
    split, reported = load("verified", "test"), {row.instance_id for row in load_rows("lite").rows}
    for task in known_tasks(split, [one for one in split.tasks() if one.instance_id not in reported], repos):
        if (example := _example(task, alone, together)) is not None:
            yield example


def _example(task: Known, alone: Mapping[str, float], together: Mapping[str, float] | None) -> Example | None:
    files = task.files()
    cache = symbol_cache()
    candidates = Candidates.of(tree_index(files, pool(task.statement, files), cache))
    changed = {one.id for one in changed_places(task.patch, files).functions}
    ids = [
        f"{candidates.paths[file]}::{e.name}" for file, e in zip(candidates.file_of, candidates.entries, strict=True)
    ]
    hit = [number for number, one in enumerate(ids) if one in changed]
    if not hit:
        return None
    features = own_features(task.statement, candidates, files)
    score = first = weighed(features, alone, candidates)
    if together is not None:
        features |= relation_features(task.statement, first, candidates, files, cache)
        score = weighed(features, together, candidates)
    kept = np.union1d(np.argsort(-score, kind="stable")[:LIKELIEST], hit)
    values = np.stack([features[name][kept] * SCALES.get(name, 1.0) for name in sorted(features)], axis=1)
    return Example(tuple(sorted(features)), values, np.searchsorted(kept, hit).tolist())


def fitted(found: Sequence[Example]) -> dict[str, float]:
    """Return the weights that make the changed symbols likeliest, where one is drawn by the exponent of its score."""
    names = found[0].names

    def loss(weights: Array) -> tuple[float, Array]:
        total, gradient = 0.0, np.zeros(len(names))
        for one in found:
            scores = one.values @ weights
            chances = np.exp(scores - scores.max())
            chances /= chances.sum()
            total -= float(np.log(chances[one.changed] + 1e-300).mean())
            gradient += one.values.T @ chances - one.values[one.changed].mean(axis=0)
        count = len(found)
        return total / count + PENALTY * float(weights @ weights), gradient / count + 2 * PENALTY * weights

    bounds = [(None if name.startswith(EITHER_WAY) else 0.0, None) for name in names]
    best = minimize(loss, np.zeros(len(names)), jac=True, method="L-BFGS-B", bounds=bounds).x
    scaled = {name: round(float(one) * SCALES.get(name, 1.0), 2) for name, one in zip(names, best, strict=True)}
    return {name: weight for name, weight in scaled.items() if abs(weight) >= 0.02}


def main() -> None:
    """Print both tables."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--repos", type=Path, required=True, help="a folder of repositories")
    repos = parser.parse_args().repos
    alone = fitted(list(examples(repos, ALONE, None)))
    print(f"ALONE = {alone}", flush=True)
    print(f"TOGETHER = {fitted(list(examples(repos, alone, TOGETHER)))}")


if __name__ == "__main__":
    main()
