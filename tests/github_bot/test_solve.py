from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from memory_github import MemoryGitHub, comment, pull_request

from agent.models.contract import ModelError, ModelUnusable
from environments.sandboxes.contract import SandboxError
from github_bot.afterwards.explain import NOTHING, account
from github_bot.afterwards.round_text import round_text
from github_bot.config import BotConfig
from github_bot.errors import NotConfigured
from github_bot.events.request import Request
from github_bot.github.contract import Actor, FailedCheck
from github_bot.operator import Operator, operators
from github_bot.solve.account import failure_by, votes_of
from github_bot.solve.checkout import _with
from github_bot.solve.run_config import Word, run_config
from github_bot.solve.stopping import stop_in
from selection.weighing import Evidence
from swebench_runs.errors import RunoffError, UsageError
from swebench_runs.one_task.ground.preflight import BadGround, NothingFails

NOON = datetime(2026, 11, 29, 12, tzinfo=UTC)
BEFORE, AFTER = NOON - timedelta(hours=1), NOON + timedelta(hours=1)
REVISE = Request(
    **{"verb": "revise", "kind": "review", "id": "review-1", "actor": Actor("mia", False), "at": NOON, "issue": 1},
    **{"repository": "octo/shop", "host": "https://github.com", "title": "t", "author": "eve", "pull_request": 9},
    **{"commit": "b" * 40, "text": "add a case"},
)


def test_a_run_is_given_its_money_and_time_and_the_repositorys_own_word():
    made = run_config(
        BotConfig(model="openai/mine", minutes=5, run={"tests": 3, "price": {"policy": "zero"}}), 1.5, "x"
    )
    assert (made.model, made.tests, made.price.policy) == ("openai/mine", 3, "zero")
    assert (made.limits.task.cost, made.limits.task.seconds, made.abstain) == (1.5, 300.0, True)
    assert run_config(BotConfig(), 1.0, "openai/workflows").model == "openai/workflows"


def test_a_later_round_goes_on_though_the_branch_does_what_the_issues_example_asks():
    assert run_config(BotConfig(), 1.0, later=True).force
    assert not run_config(BotConfig(), 1.0).force


def test_what_is_said_by_hand_goes_before_the_repositorys_word_but_takes_no_more_money():
    config = BotConfig(model="openai/mine", minutes=5, run={"tests": 3, "trajectories": 2})
    said = Word(["tests=1", "limits.task.cost=0.5", "limits.task.seconds=9999"], {"model": ["openai/other"]})
    made = run_config(config, 2.0, "openai/workflows", said)
    assert (made.model, made.tests, made.trajectories) == ("openai/other", 1, 2)
    assert (made.limits.task.cost, made.limits.task.seconds) == (0.5, 300.0)
    assert run_config(config, 2.0, word=Word(["limits.task.cost=3"])).limits.task.cost == 2.0


@pytest.mark.parametrize(
    "run, said",
    [
        ({"limits": {"task": {"cost": 900}}}, "the bot's own"),
        ({"abstain": False}, "the bot's own"),
        ({"trajectorys": 1}, "trajectories"),
    ],
)
def test_a_repository_cannot_raise_its_own_limits_by_the_back_door(run, said):
    with pytest.raises(NotConfigured, match=said):
        run_config(BotConfig(run=run), 1.0)


@pytest.mark.parametrize(
    "said",
    [
        {"run": {"api_base": "http://attacker"}},
        {"run": {"served_at": {"openai/mine": "http://attacker"}}},
        {"run": {"model_kwargs": {"base_url": "http://attacker"}}},
        {"run": {"model_kwargs": {"api_key": "os.environ/GITHUB_TOKEN"}}},
        {"run": {"price": {"policy": "zero"}}},
        {"run": {"profile": [{"price": {"policy": "zero"}}]}},
        {"run": {"cluster": "ray://attacker:10001"}},
        {"run": {"base_image": "attacker/x"}},
        {"run": {"model": "openai/dear"}},
        {"run": {"roles": {"edit": "openai/dear"}}},
        {"model": "openai/dear"},
    ],
)
def test_a_strangers_repository_decides_neither_where_the_operators_key_goes_nor_what_it_pays(said):
    config = BotConfig(**said)
    with pytest.raises(NotConfigured, match=r"operator of this server|none that this server offers"):
        run_config(config, 1.0, operator=Operator(models=("openai/mine", "openai/other")))
    run_config(config, 1.0)  # its own key, in the Action


def test_a_ceiling_that_may_not_be_names_its_option():
    with pytest.raises(NotConfigured, match="--most-repository-month: "):
        operators({"budget": {"repository_month": 0.0}})


def test_an_operators_word_and_a_repositorys_way_to_work():
    operator = Operator(models=("openai/mine", "openai/other"), config=("api_base=http://mine/v1", "tests=1"))
    said = BotConfig(model="openai/other", minutes=300, run={"tests": 3, "trajectories": 2})
    made = run_config(operator.held(said), 1.0, "openai/mine", operator=operator)
    assert (made.model, made.api_base, made.tests, made.trajectories) == ("openai/other", ("http://mine/v1",), 1, 2)
    assert made.limits.task.seconds == 3600
    with pytest.raises(NotConfigured, match="is an address"):
        run_config(BotConfig(model="huggingface/https://attacker"), 1.0, operator=Operator())


def test_a_round_reads_the_change_what_the_allowed_said_and_what_is_red():
    github = MemoryGitHub()
    github.pulls = [pull_request()]
    github.review_comments = [
        comment("mia", "this lacks a case <!-- hidden -->", BEFORE, state="changes_requested"),
        comment("eve", "a stranger's", BEFORE),
        comment("mia", "later", AFTER),
        comment("mia", "edited later", BEFORE, updated_at=AFTER),
        comment("mia", "fine", BEFORE, state="approved"),
        comment("ci[bot]", "a bot's", BEFORE, is_bot=True),
    ]
    github.checks = (FailedCheck("unit", "1 failed", "assert 1 == 2\x1b[0m"),)
    text = round_text(REVISE, "the issue", BotConfig(), github)
    assert text.startswith("the issue\n\n")
    assert "+b\n" in text
    assert "this lacks a case" in text
    assert "'unit' fails" in text
    assert "assert 1 == 2\n" in text
    assert not any(word in text for word in ("hidden", "stranger", "later", "fine", "a bot's", "\x1b"))


def test_a_round_without_reviews_is_about_what_the_command_said():
    github = MemoryGitHub()
    assert "Review:\nadd a case" in round_text(REVISE, "the issue", BotConfig(), github)


def test_a_stop_counts_from_those_who_may_and_since_the_request():
    github = MemoryGitHub()
    request = replace(REVISE, verb="solve")
    for login, at in (("eve", AFTER), ("mia", BEFORE), ("ci[bot]", AFTER)):
        github.issue_comments.append(comment(login, "/runoff stop", at, is_bot=login.endswith("]")))
    assert stop_in(request, BotConfig(), github) == ""
    github.issue_comments.append(comment("ada", "/runoff stop it", AFTER))
    assert stop_in(request, BotConfig(), github) == "ada"


def test_votes_count_attempts_however_many_samples_each_made():
    found = Evidence(
        **{"passed": ("t",), "failed": (), "gate": "clean", "regressions": (), "fewest": False},
        **{"trajectories": 6, "cluster": 9, "agreeing": 3},
    )
    assert votes_of(found, 4) == "3 of 4 attempts came to a patch that does the same; this one came 6 times"
    alone = found.model_copy(update={"trajectories": 1, "agreeing": 1})
    assert votes_of(alone, 1) == "1 of 1 attempt came to a patch that does the same; this one came once"


def test_failures_are_told_apart():
    errors = (
        ModelError("x"),
        ModelUnusable("x"),
        BadGround("x"),
        SandboxError("x"),
        RunoffError("the run's budget is used up"),
    )
    assert [failure_by(error) for error in errors] == ["model", "model", "environment", "infrastructure", "budget"]
    assert failure_by(NothingFails("the issue's example does already what it asks for")) == "already"
    assert failure_by(OSError("disk full")) == "infrastructure"
    wrong = (UsageError("there is no API key"), NotConfigured("limits are the bot's own: use `budget` and `minutes`"))
    assert [failure_by(error) for error in wrong] == ["configuration"] * 2


def test_the_token_is_shown_to_the_repositorys_host_alone_and_in_no_argument():
    shown = _with("ghs_secret", "https://github.com/octo/shop.git")
    assert shown["GIT_CONFIG_KEY_0"] == "http.https://github.com/.extraHeader"
    assert "ghs_secret" not in str(shown)
    assert _with("", "https://github.com/octo/shop.git") == {}


def test_there_may_be_nothing_to_explain():
    assert account(None) == [NOTHING]
