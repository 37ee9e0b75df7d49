"""What a run says of how its models sample, how they work and what they may cost, by options and by default."""

import pytest

from swebench_runs.cli.options import given
from swebench_runs.config import load
from swebench_runs.errors import UsageError

STRONG, WEAK, ALIAS = "anthropic/claude-sonnet-4-5", "local", "hosted_vllm/my-alias"


def temperatures(*sources, model):
    config = load(sources, {"model": [model]})
    return [config.temperature_of(index, config.profile_of(model)) for index in range(5)]


def test_a_strong_model_samples_as_its_vendor_has_set_it_unless_the_run_says():
    assert temperatures(model=STRONG) == [None] * 5
    assert temperatures("strong", model=STRONG) == [None] * 5
    assert temperatures("temperatures=[0, 1]", model=STRONG) == [0, 1, 0, 1, 0]
    assert temperatures("codemonkeys", model=STRONG) == [0.5] * 5


def test_others_begin_cautiously():
    assert temperatures(model=WEAK) == [0.2, 0.6, 0.8, 1.0, 0.2]
    assert temperatures(model=ALIAS) == [0.2, 0.6, 0.8, 1.0, 0.2]


@pytest.mark.parametrize("source", ["strong", "scaffold=tools", "scaffold=tools=2, edit-and-test=1"])
def test_who_has_an_unknown_model_work_with_tools_has_functions_tried(source):
    profile = load([source], {"model": [ALIAS]}).profile_of(ALIAS)
    assert (profile.tools, profile.scaffold) == (True, "tools")


def test_but_not_of_a_model_of_which_it_is_known_that_it_cannot():
    assert not load(["scaffold=tools"], {"model": [WEAK]}).profile_of(WEAK).tools
    own = ["scaffold=tools", 'profile={"match": ["*alias*"], "tools": false}']
    assert not load(own, {"model": [ALIAS]}).profile_of(ALIAS).tools
    assert not load([], {"model": [ALIAS]}).profile_of(ALIAS).tools


def test_a_strong_model_without_tools_is_shown_more():
    shown = [load([f"scaffold={name}"]).profile_of(STRONG).shown for name in ("tools", "edit-and-test")]
    assert shown == [16_000, 32_000]
    assert load(["cheap"]).profile_of(STRONG).shown == 16_000  # its own word


@pytest.mark.parametrize("dollars, limit", [(5.0, 5.0), (0.0, 2.0), (None, 2.0)])
def test_the_peers_option_for_money_is_the_tasks_limit(dollars, limit):
    config = load(["limits.task.cost=2"], given({"cost_limit": dollars, "seed": None}))
    assert config.limits.task.cost == limit


@pytest.mark.parametrize("names", [[""], ["a", " "], [None]])
def test_a_model_without_a_name_is_none(names):
    with pytest.raises(UsageError, match="one of the names is empty"):
        load([], {"model": names})
