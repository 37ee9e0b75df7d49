import math

import pytest

from agent.models.contract import Choice, Completion, TokenLogprob, Usage
from environments.workbench.outcome import Outcome
from verifiers.ballot import BASE, Ballot, Candidate
from verifiers.judges import Case
from verifiers.judges.p_yes import PYes, p_yes

LOG = math.log


def token(text, **top):
    alternatives = {name.replace("_", " "): LOG(p) for name, p in top.items()}
    return TokenLogprob(token=text, logprob=alternatives.get(text, LOG(0.01)), top=tuple(alternatives.items()))


def answer(*tokens, content="YES"):
    return Choice(content=content, finish_reason="stop", logprobs=tuple(tokens) or None)


@pytest.mark.parametrize(
    "choice, expected",
    [
        (answer(token("YES", YES=0.6, NO=0.2)), 0.75),
        (answer(token("NO", YES=0.2, NO=0.6), content="NO"), 0.25),
        (answer(token("YES", YES=0.3, Yes=0.2, _yes=0.1, NO=0.15, _No=0.05, maybe=0.1)), 0.75),
        (answer(token("\n", x=0.9), token(" Yes", _Yes=0.5, _No=0.5)), 0.5),
        (answer(token("**", x=0.9), token("YES", YES=0.9, maybe=0.1)), 0.9),
        (answer(token("NO", NO=0.9, maybe=0.09, perhaps=0.01)), 0.01 / 0.91),
        (answer(token("YES", YES=1.0)), 0.5),
        (answer(token("maybe", maybe=0.9, perhaps=0.1)), None),
        (answer(token("NOTHING", NOTHING=0.9, YESTERDAY=0.1)), None),
        (answer(content="Yes."), 1.0),
        (answer(content="no"), 0.0),
        (answer(content="I think YES"), None),
        (answer(content=""), None),
        (Choice(content="YES", finish_reason="stop", logprobs=()), None),
    ],
)
def test_golden_scores(choice, expected):
    found = p_yes(choice)
    assert found == (None if expected is None else pytest.approx(expected))


BALLOT = Ballot(
    entries=(),
    candidates=(Candidate(id="a", patch="--- a/x\n+++ b/x\n"), Candidate(id="b", patch="")),
    tests=("t", "u", "v"),
    outcomes={
        "t": {BASE: Outcome.FAIL, "a": Outcome.PASS, "b": Outcome.FAIL},
        "u": {BASE: Outcome.FAIL, "a": Outcome.FAIL, "b": Outcome.FAIL},
        "v": {BASE: Outcome.PASS, "a": Outcome.PASS, "b": Outcome.PASS},
    },
    regression_tests=("r", "s"),
    regressions={"a": ("r",)},
)


def test_the_evidence_is_what_the_harness_saw():
    by_id = {candidate.id: Case("", candidate, BALLOT).evidence() for candidate in BALLOT.candidates}
    assert by_id["a"] == [
        "1 of 2 tests that show the issue on the unchanged code pass",
        "1 of the repository's 2 passing tests fail",
    ]
    assert by_id["b"] == ["0 of 2 tests that show the issue on the unchanged code pass"]


def test_a_suite_without_a_passing_test_is_no_evidence():
    empty = BALLOT.model_copy(update={"regression_tests": (), "regressions": {c.id: () for c in BALLOT.candidates}})
    assert not [line for c in BALLOT.candidates for line in Case("", c, empty).evidence() if "repository" in line]


def test_the_judge_reads_issue_diff_and_evidence_and_asks_once():
    asked = []

    def ask(question):
        asked.append(question.messages)
        choice = answer(token("YES", YES=0.8, NO=0.2))
        return Completion(choices=(choice,), usage=Usage(), cost=0.0, latency=0.0)

    assert PYes().score(ask, Case("THE ISSUE", BALLOT.candidates[0], BALLOT)) == pytest.approx(0.8)
    ((_, request),) = asked
    for shown in ("THE ISSUE", "+++ b/x", "1 of 2 tests", "YES or NO"):
        assert shown in request.content


def test_an_answer_that_was_cut_before_its_word_is_asked_for_once_more_with_more_room():
    rooms = []

    def ask(question):
        rooms.append(question.max_tokens)
        cut = Choice(content="", finish_reason="length")
        choice = cut if len(rooms) == 1 else answer(token("YES", YES=0.8, NO=0.2))
        return Completion(choices=(choice,), usage=Usage(), cost=0.0, latency=0.0)

    assert PYes().score(ask, Case("THE ISSUE", BALLOT.candidates[0], BALLOT)) == pytest.approx(0.8)
    assert rooms == [4, 64]
