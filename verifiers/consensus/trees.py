"""Gradient-boosted trees as data: read from JSON and evaluated with numpy, so that choosing needs no scikit-learn."""

from __future__ import annotations

from functools import cached_property

import numpy as np
from pydantic import BaseModel, ConfigDict, model_validator

from verifiers.consensus.similarity import Array

_BLOCK = 4096
"""Rows that are evaluated at once: every two candidates make two, and each takes memory in every tree."""


class DecisionTree(BaseModel):
    """One binary tree; node 0 is the root, a leaf names itself as both children."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    feature: tuple[int, ...]
    threshold: tuple[float, ...]
    """A row goes left where its feature is at most this."""
    missing_left: tuple[bool, ...]
    """Where a row goes whose feature is NaN."""
    left: tuple[int, ...]
    right: tuple[int, ...]
    value: tuple[float, ...]
    """Log-odds that a leaf adds."""


class Trees(BaseModel):
    """Some boosted classifiers, averaged: log-odds that a row is of the positive class."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    features: tuple[str, ...]
    """The names of a row's columns, in order."""
    baseline: float
    """Log-odds before any tree, the mean over the classifiers."""
    classifiers: int
    """How many were fitted; the trees of all of them add up to this many times the answer."""
    trees: tuple[DecisionTree, ...]

    @model_validator(mode="after")
    def _sound(self) -> Trees:
        for tree in self.trees:
            size = len(tree.value)
            columns = (tree.feature, tree.threshold, tree.missing_left, tree.left, tree.right)
            if not size or any(len(column) != size for column in columns):
                raise ValueError("a tree's columns differ in length")
            if not all(0 <= child < size for child in (*tree.left, *tree.right)):
                raise ValueError("a tree's child is out of range")
            if not all(0 <= feature < len(self.features) for feature in tree.feature):
                raise ValueError("a tree splits at a feature that is not named")
        return self

    def log_odds(self, rows: Array) -> Array:
        """Return the log-odds of each row of features."""
        if not len(rows) or not self.trees:
            return np.full(len(rows), self.baseline)
        blocks = [rows[start : start + _BLOCK] for start in range(0, len(rows), _BLOCK)]
        return np.concatenate([self._block_log_odds(block) for block in blocks])

    def _block_log_odds(self, rows: Array) -> Array:
        node = np.zeros((len(self.trees), len(rows)), dtype=np.intp)
        tree, row = np.arange(len(self.trees))[:, None], np.arange(len(rows))[None, :]
        packed = self._packed
        for _ in range(self._depth):
            found = rows[row, packed.feature[tree, node]]
            left = np.where(np.isnan(found), packed.missing_left[tree, node], found <= packed.threshold[tree, node])
            node = np.where(left, packed.left[tree, node], packed.right[tree, node])
        return np.asarray(self.baseline + packed.value[tree, node].sum(axis=0) / self.classifiers)

    @cached_property
    def _packed(self) -> _Packed:
        return _Packed(self.trees)

    @cached_property
    def _depth(self) -> int:
        """The most steps from a root to a leaf; a cycle would take as many steps as there are nodes, and then end."""
        return max(map(_depth, self.trees))


class _Packed:
    """The trees' columns, padded to one length: trees x nodes."""

    def __init__(self, trees: tuple[DecisionTree, ...]) -> None:
        size = max(len(tree.value) for tree in trees)

        def padded(column: str) -> Array:
            rows = [[*getattr(tree, column), *[0] * (size - len(tree.value))] for tree in trees]
            return np.array(rows, dtype=np.float64)

        self.feature = padded("feature").astype(np.intp)
        self.threshold = padded("threshold")
        self.missing_left = padded("missing_left").astype(bool)
        self.left, self.right = padded("left").astype(np.intp), padded("right").astype(np.intp)
        self.value = padded("value")


def _depth(tree: DecisionTree) -> int:
    level, steps = {0}, 0
    while steps < len(tree.value) and (below := {c for n in level for c in (tree.left[n], tree.right[n]) if c != n}):
        level, steps = below, steps + 1
    return steps
