"""Votes that do not weigh the same: by how far a test tells candidates apart, and by how far tests and patches bear
each other out. Both beside the plain count (``regression-then-votes``), behind the same gate.
"""

from __future__ import annotations

import math
from collections.abc import Mapping

from environments.workbench.outcome import Outcome
from selection.rules.evidence import makers, outcome, regression_count
from selection.rules.ranking import Ranking, ranked
from selection.rules.votes import OWN_TEST_CAP, authors_of, behaviours
from verifiers.ballot import Ballot

RIGHT_PASSES = (4.0, 1.0)
"""The prior of P(a right patch passes a test that shows the issue): Beta, of mean 0.8, as five patches weigh."""
WRONG_FAILS = (2.0, 2.0)
"""The prior of P(a wrong patch does not pass it): Beta, of mean 0.5."""
RIGHT = (1.0, 2.0)
"""The prior of the share of right patches: Beta, of mean one third, which attempts of today's systems come to."""
ROUNDS = 50
DECIMALS = 9
"""Scores that differ in rounding alone tie."""


def weighted_votes(ballot: Ballot) -> Ranking:
    """Rank candidates by fewest regressions, then by votes, each weighed by its test's power to tell candidates apart.

    That is the entropy (in bits) of who passes it, over trajectories: nothing where all do or none does, most where
    half do. Own tests are capped as in the plain count.
    """
    made, authors = makers(ballot), authors_of(ballot)
    count = {candidate: float(len(entries)) for candidate, entries in made.items()}
    sums = dict.fromkeys(made, 0.0)
    own: dict[str, list[float]] = {candidate: [] for candidate in made}
    for group in behaviours(ballot) if made else ():
        passed = [candidate for candidate in made if outcome(ballot, group[0], candidate) is Outcome.PASS]
        weight = _entropy(sum(count[one] for one in passed) / sum(count.values()))
        for candidate in passed:
            if all(authors.get(test) == {candidate} for test in group):
                own[candidate].append(weight)
            else:
                sums[candidate] += weight
    capped = {one: sums[one] + math.fsum(sorted(own[one], reverse=True)[:OWN_TEST_CAP]) for one in made}
    return _behind_the_gate(ballot, capped)


def dawid_skene(ballot: Ballot) -> Ranking:
    """Rank candidates by fewest regressions, then by the joint estimate of how right they and how good the tests are.

    Dawid and Skene (1979) with priors: each behaviour of reproducing tests is an annotator that says pass or not, with
    a rate for right patches and one for wrong ones; each candidate is right or wrong. Expectation and maximisation in
    turn, from the shares of tests passed; the priors keep a lone test, or a pool where nobody passes, from certainty.
    """
    return _behind_the_gate(ballot, probabilities(ballot))


def probabilities(ballot: Ballot) -> dict[str, float]:
    """Return candidate id -> P(right) by the estimate of ``dawid_skene``, from the reproducing tests alone."""
    names = list(makers(ballot))
    votes = [
        [outcome(ballot, group[0], name) is Outcome.PASS for name in names]
        for group in behaviours(ballot)
        if _independent(ballot, group)
    ]
    if not votes:
        return dict.fromkeys(names, _mean(RIGHT))
    right = [sum(row[place] for row in votes) / len(votes) for place in range(len(names))]
    for _ in range(ROUNDS):
        share = _posterior(sum(right), len(right), RIGHT)
        rates = [
            (
                _posterior(sum(p for p, said in zip(right, row, strict=True) if said), sum(right), RIGHT_PASSES),
                _posterior(
                    sum(1 - p for p, said in zip(right, row, strict=True) if not said),
                    len(right) - sum(right),
                    WRONG_FAILS,
                ),
            )
            for row in votes
        ]
        odds = [math.log(share / (1 - share))] * len(names)
        for (passes, fails), row in zip(rates, votes, strict=True):
            for place, said in enumerate(row):
                odds[place] += math.log(passes / (1 - fails)) if said else math.log((1 - passes) / fails)
        right = [1 / (1 + math.exp(-max(-50.0, min(50.0, one)))) for one in odds]
    return dict(zip(names, right, strict=True))


def _independent(ballot: Ballot, group: tuple[str, ...]) -> bool:
    """Tell whether anybody but the trajectories of one candidate speaks by a behaviour: not their own word alone."""
    authors = authors_of(ballot)
    by = set().union(*(authors.get(test, {None}) for test in group))
    return len(by) > 1 or None in by


def _behind_the_gate(ballot: Ballot, scores: Mapping[str, float]) -> Ranking:
    return ranked(((regression_count(ballot, one), -round(score, DECIMALS)), one) for one, score in scores.items())


def _posterior(hits: float, of: float, prior: tuple[float, float]) -> float:
    return (hits + prior[0]) / (of + sum(prior))


def _mean(prior: tuple[float, float]) -> float:
    return prior[0] / sum(prior)


def _entropy(share: float) -> float:
    return 0.0 if share in (0.0, 1.0) else -(share * math.log2(share) + (1 - share) * math.log2(1 - share))
