"""How likely what stands around a symbol is: its file and its class; who changes one method often changes another."""

from __future__ import annotations

import numpy as np

from agent.context.relevance.candidates import Array, Candidates
from agent.context.symbols import SCORE_SPAN


def surrounding_features(first: Array, candidates: Candidates) -> dict[str, Array]:
    """Return name of a feature -> a value for each symbol, up to 1.

    ``first``: a logarithm of how likely each symbol is by itself, the best 0. ``s.file`` is of the likeliest symbol
    of its file, ``s.sum`` of all of them together, ``s.class`` of the likeliest of its class, the class included;
    what lies more than ``SCORE_SPAN`` below the best says no less than that.
    """
    likely = np.maximum(first, -SCORE_SPAN)
    best = np.full(len(candidates.paths), -SCORE_SPAN)
    np.maximum.at(best, candidates.file_of, likely)
    total = np.bincount(candidates.file_of, np.exp(likely), len(candidates.paths))
    summed = np.log(np.maximum(total, np.exp(-SCORE_SPAN)))
    found = {"s.file": best, "s.sum": summed}
    return {name: candidates.of_files(values) / SCORE_SPAN + 1 for name, values in found.items()} | {
        "s.class": _of_classes(likely, candidates) / SCORE_SPAN + 1
    }


def _of_classes(likely: Array, candidates: Candidates) -> Array:
    """Return for each symbol within another the best of that one and all directly in it; for others, the least."""
    inner = np.flatnonzero(candidates.parents >= 0)
    around = candidates.parents[inner]
    best = likely.copy()
    np.maximum.at(best, around, likely[inner])
    found = np.full(len(candidates), -SCORE_SPAN)
    found[inner] = best[around]
    return found
