"""How alike two candidates are, in many ways at once: the features of a pair."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Hashable, Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from verifiers.consensus.shape import Shape

Array = NDArray[np.float64]

SYMMETRIC = ("words", "net_words", "added", "removed", "places", "paths", "names", "lines")
"""Jaccard similarities; of bags (multisets) by the sums of the smaller and of the greater counts."""
CONTAINED = ("words_in", "net_words_in", "places_in", "paths_in")
"""Share of the first candidate's that the second has too."""
HOLDS = ("words_of", "net_words_of", "places_of", "paths_of")
"""Share of the second candidate's that the first has too."""
PAIR_FEATURES = (*SYMMETRIC, *CONTAINED, *HOLDS)


def pairs(views: Sequence[Shape]) -> Array:
    """Return candidates x candidates x PAIR_FEATURES; the diagonal, where a candidate meets itself, is 0."""
    added, removed = _bags([view.added for view in views]), _bags([view.removed for view in views])
    net_added, net_removed = _bags([view.net_added for view in views]), _bags([view.net_removed for view in views])
    common = {
        "words": added + removed,
        "net_words": net_added + net_removed,
        "added": added,
        "removed": removed,
        "places": _sets([view.places for view in views]),
        "paths": _sets([view.paths for view in views]),
        "names": _sets([view.new_names for view in views]),
        "lines": _sets([view.lines for view in views]),
    }
    contained = {f"{name}_in": _share(common[name]) for name in ("words", "net_words", "places", "paths")}
    held = {f"{name[:-3]}_of": matrix.T for name, matrix in contained.items()}
    named = {**{name: _jaccard(matrix) for name, matrix in common.items()}, **contained, **held}
    stacked = np.stack([named[name] for name in PAIR_FEATURES], axis=-1)
    stacked[np.arange(len(views)), np.arange(len(views))] = 0.0
    return stacked


def _bags(bags: Sequence[Counter[str]]) -> Array:
    """Return the sizes of the intersections of every two bags; on the diagonal, of each bag."""
    counts = _counts(bags, bags)
    return np.array([np.minimum(row, counts).sum(axis=1) for row in counts]).reshape(len(bags), len(bags))


def _sets(sets: Sequence[Collection[Hashable]]) -> Array:
    """Return the sizes of the intersections of every two sets."""
    members = _counts(sets, [dict.fromkeys(found, 1) for found in sets])
    return np.asarray(members @ members.T, dtype=np.float64)


def _counts(keys: Sequence[Collection[Hashable]], counts: Sequence[Mapping[Any, int]]) -> Array:
    column = {key: number for number, key in enumerate(dict.fromkeys(key for found in keys for key in found))}
    matrix = np.zeros((len(counts), len(column)))
    for row, found in enumerate(counts):
        matrix[row, [column[key] for key in found]] = list(found.values())
    return matrix


def _jaccard(common: Array) -> Array:
    """Return intersection over union; of two empty ones 1."""
    sizes = np.diag(common)
    union = sizes[:, None] + sizes[None, :] - common
    return np.where(union > 0, common / np.where(union > 0, union, 1), 1.0)


def _share(common: Array) -> Array:
    """Return intersection over the first one's size; of an empty one 0."""
    sizes = np.diag(common)[:, None]
    return np.asarray(np.where(sizes > 0, common / np.where(sizes > 0, sizes, 1), 0.0))
