"""What was run comes first; where it tells nothing apart the order is that of consensus."""

import pytest

from environments.workbench.outcome import Outcome
from selection.patches import ballot_of_patches
from selection.rules import RULES
from verifiers.ballot import BASE

RULE = RULES["gates-then-consensus"]


def patch(new, path="shop.py"):
    return (
        f"diff --git a/{path} b/{path}\n--- a/{path}\n+++ b/{path}\n@@ -1,2 +1,2 @@\n"
        f" def total(prices):\n-    return sum(prices[1:])\n+    return {new}\n"
    )


@pytest.fixture
def ballot():
    texts = [patch("sum(prices)"), patch("sum(prices)"), patch("sum(list(prices))"), patch("0", "other.py")]
    return ballot_of_patches(texts, "`total` loses the first price, see shop.py.").ballot


def order(ballot):
    return [name for group in RULE(ballot) for name in group]


def test_without_anything_that_ran_it_is_consensus(ballot):
    assert RULE(ballot) == RULES["consensus"](ballot)
    assert len(order(ballot)) == 3


def test_a_regression_outweighs_examples_and_examples_outweigh_votes_and_votes_outweigh_consensus(ballot):
    first, second, last = order(ballot)

    def ran(test, passing):
        return {test: {BASE: Outcome.FAIL} | {n: Outcome.PASS if n in passing else Outcome.FAIL for n in order(ballot)}}

    voted = ballot.model_copy(update={"tests": ("t", "u"), "outcomes": ran("t", {last}) | ran("u", {last, second})})
    assert order(voted) == [last, second, first]
    shown = {"tests": ("t", "u", "e"), "issue_tests": ("e",), "outcomes": voted.outcomes | ran("e", {first})}
    shows = voted.model_copy(update=shown)
    assert order(shows) == [first, last, second]
    gate = {"regression_tests": ("r",), "regressions": {first: ("r",), second: (), last: ("r",)}}
    assert order(shows.model_copy(update=gate)) == [second, first, last]


def test_without_a_candidate_there_is_no_order():
    assert RULE(ballot_of_patches([""]).ballot) == ()
