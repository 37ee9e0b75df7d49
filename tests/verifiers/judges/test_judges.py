"""The table of judges: whom a setting asks, and where scores stand."""

import json

import pytest

from agent.models.profiles import ModelProfile
from swebench_runs.config import load
from swebench_runs.errors import UsageError
from verifiers.ballot import YES_NO, Ballot, Candidate, Entry
from verifiers.judges import DEFAULT, JUDGES, asked

BALLOT = Ballot(
    entries=(Entry(id="edit-0", candidate="a"), Entry(id="edit-1"), Entry(id="edit-2", candidate="b")),
    candidates=(Candidate(id="a", patch=""), Candidate(id="b", patch="")),
    tests=(),
    outcomes={},
)


@pytest.mark.parametrize(
    "setting, logprobs, expected",
    [
        (("auto",), True, DEFAULT),
        (("auto",), False, ()),
        (("on",), False, DEFAULT),
        (("off",), True, ()),
        ((YES_NO,), False, (YES_NO,)),
    ],
)
def test_auto_asks_where_log_probabilities_can_be_had_and_a_name_asks_always(setting, logprobs, expected):
    assert asked(setting, ModelProfile(logprobs=logprobs)) == expected


def test_auto_asks_a_judge_that_needs_no_log_probabilities_of_any_model():
    class Plain:
        needs = frozenset()

    assert asked(("auto",), ModelProfile(), judges={**JUDGES, YES_NO: Plain()}) == DEFAULT


def test_scores_stand_by_name_beside_one_another():
    once = BALLOT.with_scores({YES_NO: {"a": 0.7, "b": None}})
    twice = once.with_scores({"small": {"a": 0.1, "b": 0.2}})
    assert [entry.scores for entry in twice.entries] == [
        {YES_NO: 0.7, "small": 0.1},
        {},
        {YES_NO: None, "small": 0.2},
    ]


def test_a_file_of_the_time_when_there_was_one_judge_is_read():
    old = json.loads(BALLOT.model_dump_json())
    for entry in old["entries"]:
        del entry["scores"]
        entry["ef"] = 0.7 if entry["candidate"] == "a" else None
    read = Ballot.model_validate(old)
    assert [entry.scores.get(YES_NO) for entry in read.entries] == [0.7, None, None]
    assert Ballot.model_validate_json(read.model_dump_json()) == read


@pytest.mark.parametrize(
    "text, judge",
    [("judge: off", ("off",)), ("judge: on", ("on",)), ("judge: auto", ("auto",)), ("judge: [yes-no]", ("yes-no",))],
)
def test_the_setting_is_read_as_it_was_written(text, judge, tmp_path):
    (tmp_path / "c.yaml").write_text(text)
    assert load([str(tmp_path / "c.yaml")]).judge == judge


@pytest.mark.parametrize("value", ["judge=yesno", 'judge=["yes-no","off"]', "judge=[]"])
def test_an_unknown_judge_is_a_usage_error(value):
    with pytest.raises(UsageError, match="judge"):
        load([value])
