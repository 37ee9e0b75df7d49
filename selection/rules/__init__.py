"""Selection rules: pure functions that turn a ballot into a ranking; one file per family."""

from __future__ import annotations

from selection.rules.baselines import first, majority, random
from selection.rules.clean_first import CleanFirst
from selection.rules.codemonkeys import codemonkeys
from selection.rules.consensus import consensus, medoid
from selection.rules.gates_then_consensus import gates_then_consensus
from selection.rules.judge import judge
from selection.rules.r2e_alone import eb, ef
from selection.rules.r2e_hybrid import r2e_hybrid
from selection.rules.ranking import NO_PATCH, Ranking, Rule, chosen
from selection.rules.shortlist import finalists, runoff
from selection.rules.votes import regression_then_votes, votes
from selection.rules.weighted_votes import dawid_skene, weighted_votes

RULES: dict[str, Rule] = {
    "random": random,
    "first": CleanFirst(first),
    "majority": CleanFirst(majority),
    "medoid": CleanFirst(medoid),
    "consensus": CleanFirst(consensus),
    "codemonkeys": CleanFirst(codemonkeys),
    "votes": CleanFirst(votes),
    "regression-then-votes": CleanFirst(regression_then_votes),
    "weighted-votes": CleanFirst(weighted_votes),
    "dawid-skene": CleanFirst(dawid_skene),
    "gates-then-consensus": CleanFirst(gates_then_consensus),
    "judge": CleanFirst(judge),
    "eb": CleanFirst(eb),
    "ef": CleanFirst(ef),
    "r2e-hybrid": CleanFirst(r2e_hybrid),
    "runoff": runoff,
}
"""Every rule by the name that configuration and reports use, from the simplest on; reports compare with ``random``."""

RUN_RULE = "runoff"
"""What a run decides by unless its configuration names another rule: tests have voted there."""
SELECT_RULE = "consensus"
"""What ``runoff select`` chooses by unless another is named: there are patches and issues alone."""
EXECUTED_RULE = "gates-then-consensus"
"""What ``runoff select --execute`` chooses by unless another is named: existing tests and examples were run."""
PATCH_RULES = ("random", "first", "majority", "medoid", "consensus")
"""Those that look at nothing but patches and the issue; the others read outcomes of tests, or a judge's scores."""

__all__ = [
    "EXECUTED_RULE",
    "NO_PATCH",
    "PATCH_RULES",
    "RULES",
    "RUN_RULE",
    "SELECT_RULE",
    "Ranking",
    "Rule",
    "chosen",
    "finalists",
]
