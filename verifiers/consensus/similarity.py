"""How alike two candidates are, in many ways at once: the features of a pair."""

from __future__ import annotations

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
    added, removed = _common([view.added for view in views]), _common([view.removed for view in views])
    net_added, net_removed = _common([view.net_added for view in views]), _common([view.net_removed for view in views])
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


def _common(bags: Sequence[Mapping[Any, int]]) -> Array:
    """Return the sizes of the intersections of every two bags; on the diagonal, of each bag.

    From word to word, so that it takes no more memory than the bags and the answer do.
    """
    holders: dict[Any, list[tuple[int, int]]] = {}
    for row, bag in enumerate(bags):
        for key, count in bag.items():
            holders.setdefault(key, []).append((row, count))
    sizes = np.zeros((len(bags), len(bags)))
    for found in holders.values():
        if len(found) == 1:
            ((row, count),) = found
            sizes[row, row] += count
        else:
            rows, counts = np.array(found).T
            sizes[np.ix_(rows, rows)] += np.minimum.outer(counts, counts)
    return sizes


def _sets(sets: Sequence[Collection[Hashable]]) -> Array:
    """Return the same for sets."""
    return _common([dict.fromkeys(found, 1) for found in sets])


def _jaccard(common: Array) -> Array:
    """Return intersection over union; of two empty ones 1."""
    sizes = np.diag(common)
    union = sizes[:, None] + sizes[None, :] - common
    return np.where(union > 0, common / np.where(union > 0, union, 1), 1.0)


def _share(common: Array) -> Array:
    """Return intersection over the first one's size; of an empty one 0."""
    sizes = np.diag(common)[:, None]
    return np.asarray(np.where(sizes > 0, common / np.where(sizes > 0, sizes, 1), 0.0))
