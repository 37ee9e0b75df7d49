"""Ways of choosing among executed candidates: each part of the evidence alone, then one after the other."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np

from acceptance.selection.executed.out_of_fold import Scores
from selection.rules import RULES, Ranking, Rule
from selection.rules.clean_first import CleanFirst
from selection.rules.clusters import vector
from selection.rules.consensus import by_score, medoid
from selection.rules.evidence import makers, passes, regression_count, reproducing
from selection.rules.gates_then_consensus import gates_then
from selection.rules.ranking import ranked
from selection.rules.votes import tally
from verifiers.ballot import BASE, Ballot

Part = Callable[[Ballot, str], float]
"""What one kind of evidence says of a candidate; the smaller the better."""


def regressions(ballot: Ballot, one: str) -> float:
    """Return how many existing tests it breaks."""
    return regression_count(ballot, one)


def regressions_apart(ballot: Ballot, one: str) -> float:
    """Return how many existing tests it breaks and most attempts do not: what most break the issue may ask for."""
    broken = ballot.regressions.get(one)
    if broken is None:
        return regression_count(ballot, one)
    attempts = [entry.candidate for entry in ballot.entries if entry.candidate]
    shared = Counter(test for name in attempts for test in ballot.regressions.get(name, ()))
    return float(sum(shared[test] <= len(attempts) / 2 for test in broken))


def regressions_not_rewritten(ballot: Ballot, one: str) -> float:
    """Return how many existing tests it breaks, but for those that a test which it passes is a new version of."""
    broken = ballot.regressions.get(one)
    if broken is None:
        return regression_count(ballot, one)
    passed = [test for test in ballot.rewritten if ballot.outcomes[test].get(one) == "pass"]
    excused = {name for test in passed for name in ballot.rewritten[test]}
    return float(sum(test not in excused for test in broken))


def breaks(ballot: Ballot, one: str) -> float:
    """Return 1 where it breaks any."""
    return float(regression_count(ballot, one) >= 1)


def examples(ballot: Ballot, one: str) -> float:
    """Return minus the examples of the issue that pass."""
    return -passes(ballot, one, [test for test in reproducing(ballot) if test in ballot.issue_tests])


def votes(ballot: Ballot, one: str) -> float:
    """Return minus the votes of tests: the issue's and those that patches brought along."""
    return -tally(ballot)[one]


def others_votes(ballot: Ballot, one: str) -> float:
    """Return minus the brought tests that pass on it and on somebody's change that is not their author's."""
    made = makers(ballot)
    count = 0
    for test in reproducing(ballot):
        row = ballot.outcomes[test]
        authors = {entry.candidate for entry in ballot.entries if entry.test == test}
        passing = {name for name in made if row.get(name) == "pass"}
        count += one in passing and bool(passing - authors)
    return -count


def unchanged(ballot: Ballot, one: str) -> float:
    """Return 1 where all of the issue's code that was run does what it did on the base."""
    mine = vector(ballot, one)
    return float(bool(mine) and mine == vector(ballot, BASE))


def behave_alike(ballot: Ballot, one: str) -> float:
    """Return minus the attempts that do the same on the issue's code, where anything was seen."""
    if not vector(ballot, one):
        return 0.0
    return -float(
        sum(len(made) for other, made in makers(ballot).items() if vector(ballot, other) == vector(ballot, one))
    )


def calls_alike(ballot: Ballot, one: str) -> float:
    """Return minus the mean share of recorded calls that come to the same on the other attempts' changes."""
    rows = [row for row in ballot.calls.values() if one in row]
    others = [(other, len(made)) for other, made in makers(ballot).items() if other != one]
    if not rows or not others:
        return 0.0
    same = sum(n * sum(row.get(other) == row[one] for row in rows) / len(rows) for other, n in others)
    return -round(same / sum(n for _, n in others), 3)


def in_order(*parts: Part, then: Rule) -> Rule:
    """Return the rule that weighs kinds of evidence one after the other, and what is left by another rule."""

    def rule(ballot: Ballot) -> Ranking:
        made = makers(ballot)
        places = {one: place for place, group in enumerate(then(ballot)) for one in group}
        return ranked(((*(part(ballot, one) for part in parts), places[one]), one) for one in made)

    return CleanFirst(rule)


def tied(ballot: Ballot) -> Ranking:
    """Tie all."""
    return (tuple(makers(ballot)),)


@dataclass(frozen=True)
class OutOfFold:
    """The rule ``consensus`` by scores that were made out of fold."""

    scores: Scores
    instance_of: Mapping[int, str]
    """id() of a ballot -> its instance."""

    def __call__(self, ballot: Ballot) -> Ranking:
        """Return the order."""
        known = self.scores[self.instance_of[id(ballot)]]
        return by_score(ballot, np.array([known[one.id] for one in ballot.candidates]))


def rules(consensus: Rule) -> dict[str, Rule]:
    """Return the rules that are compared, by name."""
    return {
        "random": RULES["random"],
        "majority": RULES["majority"],
        "medoid": RULES["medoid"],
        "consensus": CleanFirst(consensus),
        "gate": in_order(regressions, then=tied),
        "brought tests": in_order(others_votes, then=tied),
        "behaviour": in_order(unchanged, behave_alike, then=tied),
        "calls": in_order(calls_alike, then=tied),
        "gate, medoid": in_order(regressions, then=medoid),
        "gate, consensus": in_order(regressions, then=consensus),
        "gate but for what is rewritten, consensus": in_order(regressions_not_rewritten, then=consensus),
        "gate but for what is rewritten, tests, consensus": in_order(
            regressions_not_rewritten, examples, votes, then=consensus
        ),
        "gate but for what most break, consensus": in_order(regressions_apart, then=consensus),
        "gate or not, consensus": in_order(breaks, then=consensus),
        "gate, behaviour, medoid": in_order(regressions, unchanged, behave_alike, then=medoid),
        "gate, behaviour, consensus": in_order(regressions, unchanged, behave_alike, then=consensus),
        "gate, unchanged, consensus": in_order(regressions, unchanged, then=consensus),
        "gate, calls, consensus": in_order(regressions, calls_alike, then=consensus),
        "gate, tests, consensus": in_order(regressions, examples, others_votes, then=consensus),
        "tests, gate, consensus": in_order(examples, others_votes, regressions, then=consensus),
        "gate, tests, medoid": in_order(regressions, examples, others_votes, then=medoid),
        "all": in_order(regressions, examples, others_votes, unchanged, behave_alike, then=consensus),
        "all, medoid": in_order(regressions, examples, others_votes, unchanged, behave_alike, then=medoid),
        "gates-then-consensus": CleanFirst(gates_then(consensus)),
        "runoff": RULES["runoff"],
    }
