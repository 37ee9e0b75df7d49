"""The judge with a rubric: written before any candidate is seen, graded by item."""

import json

import pytest

from agent.models.contract import Choice, Completion, Usage
from agent.models.profiles import ModelProfile
from verifiers.ballot import Ballot, Candidate
from verifiers.judges import JUDGES, Hearing
from verifiers.judges.rubric import Item, read_grades, read_rubric

ITEMS = [
    {"check": "It corrects total in shop/price.py", "weight": 3},
    {"check": "total([]) is still 0", "weight": 2},
    {"check": "It catches no exception", "weight": 1},
]
RUBRIC = tuple(map(Item.model_validate, ITEMS))
CANDIDATES = (Candidate(id="good", patch="+GOOD\n"), Candidate(id="bad", patch="+BAD\n"))
BALLOT = Ballot(entries=(), candidates=CANDIDATES, tests=(), outcomes={})


def answered(*texts):
    choices = tuple(Choice(content=text, finish_reason="stop") for text in texts)
    return Completion(choices=choices, usage=Usage(), cost=0.0, latency=0.0)


@pytest.mark.parametrize(
    "said, expected",
    [
        ("1: YES\n2: YES\n3: YES", 1.0),
        ("Thinking: 1: NO would be harsh.\n1: YES\n2. NO\n- 3 - yes", 4 / 6),
        ("1: YES\n3: NO", 3 / 4),
        ("2: YES\n3: YES", 1.0),
        ("3: YES", None),
        ("2: YES", None),
        ("9: YES", None),
        ("all of them hold", None),
        ("", None),
    ],
)
def test_golden_grades(said, expected):
    found = read_grades(Choice(content=said, finish_reason="stop"), RUBRIC)
    assert found == (None if expected is None else pytest.approx(expected))


@pytest.mark.parametrize("reason", ["length", "max_tokens", "content_filter"])
def test_an_answer_that_is_cut_or_withheld_is_missing(reason):
    def ask(request):
        text = request.messages[-1].content
        if "write down" in text.lower():
            return answered(json.dumps(ITEMS))
        reason_of = reason if "+BAD" in text else "stop"
        choices = (Choice(content="1: YES\n2: YES\n3: YES", finish_reason=reason_of),)
        return Completion(choices=choices, usage=Usage(), cost=0.0, latency=0.0)

    assert dict(JUDGES["rubric"].scores(ask, Hearing("# Code", BALLOT))) == {"good": 1.0, "bad": None}


def test_a_rubric_that_is_cut_is_none_and_nobody_is_graded_by_it():
    asked = []

    def ask(request):
        asked.append(request)
        choices = (Choice(content=f"First {json.dumps(ITEMS)}, or rather [", finish_reason="length"),)
        return Completion(choices=choices, usage=Usage(), cost=0.0, latency=0.0)

    assert dict(JUDGES["rubric"].scores(ask, Hearing("# Code", BALLOT))) == {"good": None, "bad": None}
    assert len(asked) == 1


@pytest.mark.parametrize(
    "said, items",
    [
        (json.dumps(ITEMS), RUBRIC),
        (f"As in a[0]:\n```json\n{json.dumps(ITEMS)}\n```\nThat is all [1].", RUBRIC),
        (json.dumps(ITEMS[:1]), ()),
        (json.dumps([{"check": "x" * 401}] * 3), ()),
        (json.dumps([{"check": "It is right, as asked", "weight": 9}] * 3), ()),
        ("[" * 3000, ()),
        ("none", ()),
    ],
)
def test_golden_rubrics(said, items):
    assert read_rubric(said) == items


def test_the_rubric_is_written_before_a_candidate_is_shown_and_each_is_graded_by_it():
    asked = []

    def ask(request):
        text = request.messages[-1].content
        asked.append(text)
        if "write down" in text.lower():
            return answered(json.dumps(ITEMS))
        assert "1. It corrects total" in text
        return answered("1: YES\n2: YES\n3: NO" if "+GOOD" in text else "1: NO\n2: YES\n3: YES")

    found = dict(JUDGES["rubric"].scores(ask, Hearing("# Code", BALLOT)))
    assert found == {"good": pytest.approx(5 / 6), "bad": pytest.approx(0.5)}
    assert not any(patch in asked[0] for patch in ("+GOOD", "+BAD"))
    assert len(asked) == 3


@pytest.mark.parametrize("answer", [None, answered("I would rather not.")])
def test_without_a_rubric_all_are_missing_and_nobody_is_graded(answer):
    asked = []

    def ask(request):
        asked.append(request)
        return answer

    assert dict(JUDGES["rubric"].scores(ask, Hearing("# Code", BALLOT))) == {"good": None, "bad": None}
    assert len(asked) == 1


def test_a_model_that_thinks_grades_several_times_and_the_mean_counts():
    thinks = ModelProfile(judge_draws=2, answer_tokens=900)

    def ask(request):
        if request.n == 1:
            return answered(json.dumps(ITEMS))
        return answered("1: YES\n2: YES\n3: YES", "1: NO\n2: NO\n3: NO")

    assert dict(JUDGES["rubric"].scores(ask, Hearing("# Code", BALLOT, thinks)))["good"] == pytest.approx(0.5)
