"""Waivers of the regression gate: believed in the issue's own words alone."""

import pytest

from agent.models.contract import Choice, Completion, Usage
from verifiers.ballot import Ballot, Candidate
from verifiers.waivers import MOST_TESTS, quoted, waivers, wanted

ISSUE = "Dates are wrong.\n\nThe year should no longer\nbe padded with zeros. Please fix."
BALLOT = Ballot(
    entries=(),
    candidates=(Candidate(id="a", patch=""), Candidate(id="b", patch="")),
    tests=(),
    outcomes={},
    regression_tests=("t::pad", "t::other"),
    regressions={"a": ("t::pad",), "b": ("t::pad", "t::other")},
    issue=ISSUE,
)


@pytest.mark.parametrize(
    "answer, quote",
    [
        (
            "It says so.\nQUOTE: The year should no longer be padded with zeros.",
            "The year should no longer be padded with zeros.",
        ),
        ('**QUOTE:** "should no longer be padded"', "should no longer be padded"),
        ("QUOTE: The year must not be padded with zeros.", ""),
        ("QUOTE: NONE", ""),
        ("QUOTE: Please fix.", ""),
        ("The year should no longer be padded with zeros.", ""),
        ("QUOTE: The year should no longer be padded\nQUOTE: NONE", ""),
        ("", ""),
    ],
)
def test_a_quotation_counts_where_it_stands_in_the_issue_word_for_word(answer, quote):
    assert quoted(answer, ISSUE) == quote


def test_each_broken_test_is_asked_about_once_and_no_candidate_is_shown():
    asked = []

    def ask(request):
        asked.append(request.messages[-1].content)
        said = "QUOTE: should no longer be padded" if "t::pad" in asked[-1] else "QUOTE: NONE"
        choice = Choice(content=said, finish_reason="stop")
        return Completion(choices=(choice,), usage=Usage(), cost=0.0, latency=0.0)

    found = waivers(ask, "SITUATION", BALLOT)
    assert found == {"a": {"t::pad": "should no longer be padded"}, "b": {"t::pad": "should no longer be padded"}}
    assert len(asked) == 2
    assert waivers(lambda request: None, "SITUATION", BALLOT) == {}


def test_an_answer_that_is_cut_waives_nothing():
    choice = Choice(content="QUOTE: should no longer be padded\n\nBut that", finish_reason="length")
    cut = Completion(choices=(choice,), usage=Usage(), cost=0.0, latency=0.0)
    assert waivers(lambda request: cut, "SITUATION", BALLOT) == {}


def test_many_broken_tests_are_asked_about_up_to_a_number_those_first_that_most_break():
    asked = []
    many = tuple(f"t::{n}" for n in range(9))
    ballot = BALLOT.model_copy(update={"regressions": {"a": many, "b": ("t::8",)}})
    waivers(lambda request: asked.append(request.messages[-1].content), "", ballot)
    assert len(asked) == MOST_TESTS
    assert "t::8" in asked[0]


@pytest.mark.parametrize(
    "regressions, expected",
    [
        ({"a": ("t",), "b": ("u",)}, True),
        ({"a": ("t",), "b": ()}, False),
        ({"a": ("t",)}, False),
        ({}, False),
    ],
)
def test_nobody_is_asked_where_a_candidate_breaks_nothing_or_was_not_measured(regressions, expected):
    assert wanted(BALLOT.model_copy(update={"regressions": regressions})) is expected


def test_a_suspicious_candidate_that_seems_to_break_nothing_keeps_nobody_from_being_asked():
    forged = Candidate(id="f", patch="", suspicious=("names tests",))
    regressions = {"a": ("t",), "b": ("u",), "f": ()}
    ballot = BALLOT.model_copy(update={"candidates": (*BALLOT.candidates, forged), "regressions": regressions})
    assert wanted(ballot)
    assert not wanted(ballot.model_copy(update={"candidates": (forged,)}))
