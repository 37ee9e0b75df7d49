"""What is suspicious ranks below every clean candidate, is no finalist beside one, and is never verified."""

from environments.workbench.outcome import Outcome
from selection.decision import decide
from selection.rules import RULES, finalists
from selection.stop import verified
from verifiers.ballot import BASE, Ballot, Candidate, Entry


def ballot(*candidates):
    return Ballot(
        entries=tuple(Entry(id=f"edit-{i}", candidate=one.id, test="t") for i, one in enumerate(candidates)),
        candidates=candidates,
        tests=("t",),
        outcomes={"t": {BASE: Outcome.FAIL} | {one.id: Outcome.PASS for one in candidates}},
    )


FORGED = Candidate(id="forged", patch="x", suspicious=("looks into frames of its callers",))
CLEAN = Candidate(id="clean", patch="a much longer one")


def test_every_rule_ranks_it_last():
    both = ballot(FORGED, CLEAN)
    for name, rule in RULES.items():
        if name not in ("random", "medoid", "consensus"):
            assert rule(both)[-1] == ("forged",), name
    assert finalists(both) == ("clean",)


def test_alone_it_is_the_answer_that_runoff_does_not_stand_by():
    alone = ballot(FORGED)
    decision = decide(alone, RULES["runoff"](alone))
    assert (decision.candidate, decision.abstained) == ("forged", True)
    assert "looks into frames" in decision.reason
    assert not verified(alone, alone.entries[0])
    assert verified(ballot(CLEAN), ballot(CLEAN).entries[0])
