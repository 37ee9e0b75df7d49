"""One number for each symbol of a tree: how likely it is that an issue is about it."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from agent.context.index import IndexCache
from agent.context.mentions import mentions_of
from agent.context.relevance.candidates import Array, Candidates
from agent.context.relevance.issue_parts import issue_parts
from agent.context.relevance.lexical import lexical_features
from agent.context.relevance.linked_tests import linked_by_tests
from agent.context.relevance.named import named_features
from agent.context.relevance.references import reference_features
from agent.context.relevance.surroundings import surrounding_features
from agent.context.relevance.weights import ALONE, TOGETHER

_INNER = 0.01
KINDS = ("function", "method", "class", "variable")


def scores(
    statement: str, candidates: Candidates, files: Mapping[str, bytes], cache: IndexCache | None = None
) -> Array:
    """Return a logarithm of how likely each symbol is, the best 0; ``cache``: where files' indexes are kept."""
    if not len(candidates):
        return np.zeros(0)
    alone = own_features(statement, candidates, files)
    first = weighed(alone, ALONE, candidates)
    return weighed(alone | relation_features(statement, first, candidates, files, cache), TOGETHER, candidates)


def relation_features(
    statement: str,
    first: Array,
    candidates: Candidates,
    files: Mapping[str, bytes],
    cache: IndexCache | None = None,
) -> dict[str, Array]:
    """Return what other symbols and tests say of each; ``first``: its score by itself, a logarithm."""
    likely = np.exp(first)
    linked = linked_by_tests(statement, likely, candidates, files, cache)
    found = reference_features(likely, candidates, files) | surrounding_features(first, candidates)
    return found | {"g.test": linked}


def weighed(features: Mapping[str, Array], weights: Mapping[str, float], candidates: Candidates) -> Array:
    """Return the sum of features by their weights, shifted so that the best has 0.

    A function inside another follows on that one, which holds it.
    """
    total = np.sum([weights.get(name, 0.0) * values for name, values in features.items()], axis=0)
    total = np.where(candidates.owners == np.arange(len(candidates)), total, total[candidates.owners] - _INNER)
    return np.asarray(total - total.max())


def own_features(statement: str, candidates: Candidates, files: Mapping[str, bytes]) -> dict[str, Array]:
    """Return what says something of each symbol without the others."""
    parts = issue_parts(statement)
    found = lexical_features(parts.texts(), candidates)
    named = named_features(mentions_of(statement), parts.messages, candidates, files)
    found |= {name: candidates.of_inner(values) for name, values in named.items()}
    kinds = np.array([entry.kind for entry in candidates.entries])
    found |= {f"k.{kind}": (kinds == kind).astype(np.float64) for kind in KINDS}
    found["k.size"] = np.log1p(np.array([entry.end - entry.start for entry in candidates.entries]))
    found["k.dunder"] = np.array([float(name.startswith("__")) for name in candidates.names])
    return found
