"""Runoff's own rule, and the shortlist of finalists that it sends into the run-off."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from selection.rules.clean_first import CleanFirst
from selection.rules.clusters import clusters, text_clusters
from selection.rules.evidence import (
    by_id,
    cluster_support,
    descending,
    heard_score,
    makers,
    passes,
    regression_count,
    reproducing,
)
from selection.rules.ranking import Ranking, ranked
from selection.rules.votes import tally
from verifiers.ballot import Ballot


def gates_first(ballot: Ballot) -> Ranking:
    """Rank candidates by gates first, evidence next, agreement then, and simplicity last.

    In this order: fewest regressions; most examples of the issue passed (they speak for the reporter, not for a model);
    most votes of reproducing tests; most trajectories in the cluster; the score of the best judge that has shown its
    worth; the shortest patch.
    """
    examples = [test for test in reproducing(ballot) if test in ballot.issue_tests]
    counts, support, candidates = tally(ballot), cluster_support(ballot), by_id(ballot)
    return ranked(
        (
            (
                regression_count(ballot, candidate),
                -passes(ballot, candidate, examples),
                -counts[candidate],
                -support[candidate],
                descending(heard_score(ballot, made)),
                len(candidates[candidate].patch),
            ),
            candidate,
        )
        for candidate, made in makers(ballot).items()
    )


runoff = CleanFirst(gates_first)
"""Runoff's own rule."""


def finalists(ballot: Ballot, k: int = 3) -> tuple[str, ...]:
    """Return at most ``k`` candidates for the run-off, best first: one from each cluster by behaviour, then from each
    by text.

    None that is suspicious where another is not, and only those that pass the regression gate as well as the best does:
    what a gate decided needs no run-off. Members of different clusters that did the same on every test so far may all
    stand: to tell them apart is its purpose.
    """
    order = [candidate for group in runoff(ballot) for candidate in group]
    candidates = by_id(ballot)
    if order and not candidates[order[0]].suspicious:
        order = [candidate for candidate in order if not candidates[candidate].suspicious]
    passing = [one for one in order if regression_count(ballot, one) == regression_count(ballot, order[0])]
    texts = _first_of_each(passing, text_clusters(ballot))
    seated = list(dict.fromkeys([*_first_of_each(texts, clusters(ballot)), *texts]))[:k]
    return tuple(one for one in texts if one in seated)


def _first_of_each(order: Sequence[str], groups: Mapping[str, str]) -> list[str]:
    """Return the first candidate of each group."""
    first: dict[str, str] = {}
    for candidate in order:
        first.setdefault(groups[candidate], candidate)
    return list(first.values())
