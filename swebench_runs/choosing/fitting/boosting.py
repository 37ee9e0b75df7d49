"""Gradient boosting by scikit-learn, handed over as plain trees."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from importlib.util import find_spec
from typing import Any

import numpy as np
from numpy.typing import NDArray

from swebench_runs.errors import EnvironmentMissing
from verifiers.consensus.similarity import Array
from verifiers.consensus.trees import DecisionTree, Trees


@dataclass(frozen=True)
class Boosting:
    """How a classifier is boosted; chosen for few and noisy labels: shallow, slow, smoothed, averaged over seeds."""

    iterations: int
    rate: float
    leaf: int
    """Rows in a leaf at least; a fiftieth of the rows where that is less."""
    rising: Sequence[str]
    """Features with which the answer may only rise."""
    depth: int = 2
    smoothing: float = 5.0
    share: float = 0.5
    """Share of the features that each split may look at."""
    classifiers: int = 3


@dataclass(frozen=True)
class TrainingRows:
    """Examples to fit on."""

    features: Array
    right: NDArray[np.int64]
    weights: Array

    @classmethod
    def joined(cls, parts: Sequence[TrainingRows]) -> TrainingRows:
        """Put examples together; at least one part is needed."""
        return cls(
            np.concatenate([part.features for part in parts]),
            np.concatenate([part.right for part in parts]),
            np.concatenate([part.weights for part in parts]),
        )


def need_scikit_learn() -> None:
    """Raise EnvironmentMissing, in one line, where the extra is not installed that fitting needs."""
    if find_spec("sklearn") is None:
        raise EnvironmentMissing("fitting needs scikit-learn: pip install '.[fit]' in Runoff's checkout")


def boost(rows: TrainingRows, names: Sequence[str], how: Boosting, seed: int) -> tuple[Trees, dict[str, float]]:
    """Fit and return the trees, and each feature's share of the gain. One class alone gives its rate, without trees."""
    total = float(rows.weights.sum())
    rate = (float(rows.weights @ rows.right) + 1) / (total + 2)
    if len(np.unique(rows.right)) < 2:
        return Trees(features=tuple(names), baseline=float(np.log(rate / (1 - rate))), classifiers=1, trees=()), {}
    from threadpoolctl import threadpool_limits  # late: comes with scikit-learn, an extra

    features = np.where(np.isnan(rows.features).all(axis=0), 0.0, rows.features)  # without a value there is no split
    weights = rows.weights / rows.weights.mean()
    with threadpool_limits(1):  # the rows are few: threads would wait for one another
        fitted = [
            _classifier(rows, names, how, seed + number).fit(features, rows.right, weights)
            for number in range(how.classifiers)
        ]
    nodes = [stage[0].nodes for classifier in fitted for stage in classifier._predictors]
    trees = Trees(
        features=tuple(names),
        baseline=float(np.mean([classifier._baseline_prediction for classifier in fitted])),
        classifiers=len(fitted),
        trees=tuple(map(_tree, nodes)),
    )
    return trees, _gains(nodes, names)


def _classifier(rows: TrainingRows, names: Sequence[str], how: Boosting, seed: int) -> Any:
    from sklearn.ensemble import HistGradientBoostingClassifier  # late: an extra

    return HistGradientBoostingClassifier(
        max_iter=how.iterations,
        learning_rate=how.rate,
        max_depth=how.depth,
        min_samples_leaf=max(2, min(how.leaf, len(rows.right) // 50)),
        l2_regularization=how.smoothing,
        max_features=how.share,
        monotonic_cst=[int(name in how.rising) for name in names],
        early_stopping=False,
        random_state=seed,
    )


def _tree(nodes: Any) -> DecisionTree:
    leaf = nodes["is_leaf"].astype(bool)
    own = np.arange(len(nodes))
    return DecisionTree(
        feature=tuple(np.where(leaf, 0, nodes["feature_idx"]).tolist()),
        # Exact: a threshold can be a value that rows have.
        threshold=tuple(np.where(leaf, 0.0, nodes["num_threshold"]).clip(-1e300, 1e300).tolist()),
        missing_left=tuple(np.where(leaf, True, nodes["missing_go_to_left"]).astype(bool).tolist()),
        left=tuple(np.where(leaf, own, nodes["left"]).tolist()),
        right=tuple(np.where(leaf, own, nodes["right"]).tolist()),
        value=tuple(_short(np.where(leaf, nodes["value"], 0.0))),
    )


def _short(values: Array) -> list[float]:
    """Round to what a small file needs: seven digits."""
    return [float(f"{value:.7g}") for value in values]


def _gains(trees: Sequence[Any], names: Sequence[str]) -> dict[str, float]:
    gains: dict[str, float] = defaultdict(float)
    for nodes in trees:
        for node in nodes[~nodes["is_leaf"].astype(bool)]:
            gains[names[int(node["feature_idx"])]] += max(float(node["gain"]), 0.0)
    total = sum(gains.values()) or 1.0
    return {name: round(gain / total, 4) for name, gain in sorted(gains.items(), key=lambda item: -item[1])}
