"""The table of judges: whom a setting asks, and where scores stand."""

import json

import pytest

from agent.models.profiles import LEAST_TASKS, JudgeWorth, ModelProfile
from swebench_runs.config import load
from swebench_runs.errors import UsageError
from verifiers.ballot import P_YES, Ballot, Candidate, Entry
from verifiers.judges import DEFAULT, WORTHLESS, asked, heard, left_out

BALLOT = Ballot(
    entries=(Entry(id="edit-0", candidate="a"), Entry(id="edit-1"), Entry(id="edit-2", candidate="b")),
    candidates=(Candidate(id="a", patch=""), Candidate(id="b", patch="")),
    tests=(),
    outcomes={},
)


@pytest.mark.parametrize(
    "setting, logprobs, expected",
    [
        (("auto",), True, ()),
        (("auto",), False, ()),
        (("on",), False, DEFAULT),
        (("off",), True, ()),
        ((P_YES,), False, (P_YES,)),
    ],
)
def test_a_word_and_a_name_ask_always_and_auto_nobody_who_was_never_measured(setting, logprobs, expected):
    assert asked(setting, ModelProfile(logprobs=logprobs)) == expected


def worth(auc, low, tasks=20):
    return JudgeWorth(auc=auc, low=low, high=1.0, tasks=tasks, pairs=100, repositories=6)


MEASURED = {"p-yes": worth(0.6, 0.52), "pairwise": worth(0.8, 0.7), "rubric": worth(0.7, 0.4)}


def test_auto_asks_those_whose_interval_lies_above_chance_the_best_first_and_says_why_not_the_others():
    profile = ModelProfile(logprobs=True, judges=MEASURED)
    assert asked(("auto",), profile) == heard(profile) == ("pairwise", "p-yes")
    assert left_out(("auto",), profile) == {"rubric": WORTHLESS}


def test_a_judge_measured_on_a_few_tasks_has_shown_nothing_however_well_it_did():
    profile = ModelProfile(logprobs=True, judges={"p-yes": worth(1.0, 1.0, tasks=LEAST_TASKS - 1)})
    assert asked(("auto",), profile) == heard(profile) == ()
    assert f"{LEAST_TASKS} are the least" in left_out(("auto",), profile)["p-yes"]


def test_a_judge_that_earned_its_say_is_left_out_where_the_endpoint_lacks_what_it_needs():
    profile = ModelProfile(logprobs=False, judges=MEASURED)
    assert asked(("auto",), profile) == ()
    assert "log-probabilities" in left_out(("auto",), profile)["pairwise"]
    thinks = profile.model_copy(update={"judge_draws": 3})
    assert asked(("auto",), thinks) == ("pairwise", "p-yes"), "a model that gives reasoned verdicts needs none"


def test_a_user_s_word_on_judges_stands_above_what_was_measured():
    assert asked(("auto",), ModelProfile(logprobs=True, judge_worth=True)) == DEFAULT
    assert heard(ModelProfile(judges=MEASURED, judge_worth=False)) == ()


def test_files_of_earlier_versions_name_the_judge_and_its_worth_otherwise():
    old = json.loads(BALLOT.with_scores({P_YES: {"a": 0.7}}).model_dump_json())
    for entry in old["entries"]:
        entry["scores"] = {name.replace("p-yes", "yes-no"): score for name, score in entry["scores"].items()}
    del old["earned"]
    read = Ballot.model_validate({**old, "judge_worth": True})
    assert (read.entries[0].scores, read.earned) == ({P_YES: 0.7}, (P_YES,))
    assert Ballot.model_validate({**old, "judge_worth": False}).earned == ()


def test_scores_stand_by_name_beside_one_another():
    once = BALLOT.with_scores({P_YES: {"a": 0.7, "b": None}})
    twice = once.with_scores({"small": {"a": 0.1, "b": 0.2}})
    assert [entry.scores for entry in twice.entries] == [
        {P_YES: 0.7, "small": 0.1},
        {},
        {P_YES: None, "small": 0.2},
    ]


def test_a_file_of_the_time_when_there_was_one_judge_is_read():
    old = json.loads(BALLOT.model_dump_json())
    for entry in old["entries"]:
        del entry["scores"]
        entry["ef"] = 0.7 if entry["candidate"] == "a" else None
    read = Ballot.model_validate(old)
    assert [entry.scores.get(P_YES) for entry in read.entries] == [0.7, None, None]
    assert Ballot.model_validate_json(read.model_dump_json()) == read


@pytest.mark.parametrize(
    "text, judge",
    [
        ("judge: off", ("off",)),
        ("judge: on", ("on",)),
        ("judge: auto", ("auto",)),
        ("judge: [p-yes, pairwise]", ("p-yes", "pairwise")),
        ("judge: yes-no", ("p-yes",)),
    ],
)
def test_the_setting_is_read_as_it_was_written(text, judge, tmp_path):
    (tmp_path / "c.yaml").write_text(text)
    assert load([str(tmp_path / "c.yaml")]).judge == judge


@pytest.mark.parametrize("value", ["judge=pyess", 'judge=["p-yes","off"]', "judge=[]"])
def test_an_unknown_judge_is_a_usage_error(value):
    with pytest.raises(UsageError, match="judge"):
        load([value])
