import re
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from memory_github import ME, MemoryGitHub, comment, pull_request

from github_bot.config import BotConfig, Money
from github_bot.dry_run.recorder import Recorder
from github_bot.errors import Refused
from github_bot.events.request import Request
from github_bot.github.contract import Actor
from github_bot.marker import Marker, Run, marked, marker_of, unmarked
from github_bot.start import begin

NOW = datetime(2026, 11, 29, 12, tzinfo=UTC)
REQUEST = Request(
    **{"verb": "solve", "kind": "label", "id": "label-1-1", "actor": Actor("mia", False), "at": NOW, "issue": 1},
    **{"repository": "octo/shop", "host": "https://github.com", "title": "t", "body": "b", "author": "eve"},
)
REVISE = replace(REQUEST, verb="revise", kind="review", id="review-5", pull_request=9)


@pytest.fixture
def github():
    github = MemoryGitHub()
    github.open_issue(at=NOW)
    return github


def spent(github, login=ME, **runs):
    days = {name: Run(at=day, cost=cost) for name, (day, cost) in runs.items()}
    github.issue_comments.append(comment(login, marked("x", Marker(runs=days)), NOW - timedelta(minutes=5)))


def start(github, request=REQUEST, config=None, recorder=None):
    recorder = recorder or Recorder(github)
    return begin(request, config or BotConfig(), recorder, now=NOW), recorder


def test_the_start_is_said_and_its_budget_is_taken_before_anything_is_spent(github):
    begun, recorder = start(github)
    assert begun.budget == 5.0
    (post,) = recorder.posts
    assert "is working on this" in post.text
    assert "$5.00" in post.text
    assert marker_of(post.text).runs == {"label-1-1": Run(at="2026-11-29", cost=5.0, ended=False)}


def test_the_same_event_delivered_twice_is_begun_once_and_goes_on_with_what_it_was_granted(github):
    _, recorder = start(github)
    assert start(github, recorder=recorder)[0].budget == 5.0
    assert len(recorder.posts) == 1


def test_an_event_that_was_answered_is_not_answered_again(github):
    spent(github, **{"label-1-1": ("2026-11-29", 1.0)})
    recorder = Recorder(github)
    with pytest.raises(Refused, match="answered before"):
        start(github, recorder=recorder)
    assert recorder.posts == []


@pytest.mark.parametrize(
    "runs, budget",
    [
        ({"a": ("2026-11-29", 7.0)}, 3.0),
        ({"a": ("2026-11-28", 7.0)}, 5.0),
        ({"a": ("2026-11-02", 198.0)}, 2.0),
        ({"a": ("2026-10-31", 198.0)}, 5.0),
        ({"a": ("2026-11-29", None)}, 5.0),
        ({"a": ("2026-11-29", None), "b": ("2026-11-29", 2.0)}, 3.0),
    ],
)
def test_what_was_spent_on_the_day_and_in_the_month_is_no_more_there(github, runs, budget):
    spent(github, **runs)
    assert start(github)[0].budget == budget


def test_nobody_else_can_count_or_uncount_money(github):
    spent(github, login="eve", a=("2026-11-29", 100.0))
    assert start(github)[0].budget == 5.0


@pytest.mark.parametrize(
    "runs, name", [({"a": ("2026-11-29", 10.0)}, "issue_day"), ({"a": ("2026-11-01", 199.99)}, "repository_month")]
)
def test_a_budget_that_is_used_up_is_said_on_the_issue(github, runs, name):
    spent(github, **runs)
    recorder = Recorder(github)
    with pytest.raises(Refused, match=name):
        start(github, recorder=recorder)
    assert re.search(rf"did not start.*{name.replace('_', '.*')}", recorder.posts[-1].text)


def test_a_person_can_ask_for_less_and_for_no_more(github):
    assert start(github, replace(REQUEST, budget=1.5))[0].budget == 1.5
    begun, recorder = start(github, replace(REQUEST, budget=50.0))
    assert begun.budget == 5.0
    assert "$50.00 were asked for" in recorder.posts[0].text


def test_a_stranger_makes_the_bot_say_nothing(github):
    recorder = Recorder(github)
    with pytest.raises(Refused, match="permission"):
        start(github, replace(REQUEST, actor=Actor("eve", False)), recorder=recorder)
    assert recorder.posts == []


def test_a_command_that_is_none_is_answered_with_help_on_top_of_what_was_said(github):
    spent(github, **{"label-1-1": ("2026-11-29", 1.0)})
    helped = replace(REQUEST, verb="help", kind="command", id="command-7", hint="there is no `/runoff @fixx`")
    recorder = Recorder(github)
    recorder.create_comment("octo/shop", 1, github.issue_comments.pop().body)
    recorder.posts.clear()
    for _ in range(2):
        begun, _ = start(github, helped, recorder=recorder)
        assert (begun.works, begun.budget) == (False, 0.0)
    (post,) = recorder.posts  # the second time it says so already
    assert "Nothing was started: there is no" in post.text
    assert "| `/runoff retry` |" in post.text
    assert "@fixx" not in post.text
    assert unmarked(post.text).endswith("---\n\nx")
    assert marker_of(post.text).runs == {"label-1-1": Run(at="2026-11-29", cost=1.0)}
    with pytest.raises(Refused, match="permission"):
        start(github, replace(helped, actor=Actor("eve", False)), recorder=recorder)
    assert len(recorder.posts) == 1


def test_an_entry_that_somebody_elses_edit_left_out_is_made_again(github):
    class Raced(Recorder):
        """Another writer of the comment, who had read it before ours was there."""

        def update_comment(self, repository, comment, body):
            super().update_comment(repository, comment, body)
            if len(self.posts) == 1:
                super().update_comment(repository, comment, marked("done", Marker(runs={"label-0": OTHER})))

    OTHER = Run(at="2026-11-29", cost=1.0)
    spent(github, **{"label-0": ("2026-11-29", 1.0)})
    recorder = Raced(github)
    recorder.create_comment("octo/shop", 1, github.issue_comments.pop().body)
    recorder.posts.clear()
    start(github, recorder=recorder)
    assert marker_of(recorder.posts[-1].text).runs == {
        "label-0": OTHER,
        "label-1-1": Run(at="2026-11-29", cost=5.0, ended=False),
    }


def test_one_open_pull_request_an_issue(github):
    github.pulls = [pull_request()]
    with pytest.raises(Refused, match=r"#9 is open"):
        start(github)


@pytest.mark.parametrize(
    "body, said", [("Fixes #1", True), ("closes octo/shop#1.", True), ("Fixes #12", False), ("like #1", False)]
)
def test_somebodys_own_pull_request_for_the_issue_is_said(github, body, said):
    github.pulls = [pull_request(number=4, body=body, author=Actor("tom", False), head_branch="mine")]
    (post,) = start(github)[1].posts
    assert ("said to fix this issue: #4." in post.text) is said


def test_as_many_rounds_of_review_as_are_allowed_and_red_checks_once(github):
    github.pulls = [pull_request()]
    spent(github, **{"review-1": ("2026-11-01", 0.1), "review-2": ("2026-11-01", 0.1)})
    assert start(github, REVISE)[0].budget == 5.0
    with pytest.raises(Refused, match="2 rounds"):
        start(github, REVISE, BotConfig(rounds=2))
    checks = replace(REVISE, kind="checks", id="checks-b", pull_request=None, commit="b" * 40)
    assert start(github, checks, BotConfig(rounds=0))[0].works
    spent(github, **{"checks-a": ("2026-11-01", 0.1)})
    with pytest.raises(Refused, match="once already"):
        start(github, checks)


def test_stop_explain_and_the_end_of_a_pull_request_cost_nothing(github):
    github.pulls = [pull_request()]
    for verb in ("stop", "explain"):
        begun, recorder = start(github, replace(REQUEST, verb=verb, kind="command"))
        assert (begun.budget, recorder.posts, begun.works) == (0.0, [], verb == "explain")
    closed = replace(REVISE, verb="closed")
    assert not start(github, closed)[0].works


def test_the_money_of_the_configuration_counts(github):
    config = BotConfig(budget=Money(run=2, issue_day=1, repository_month=50))
    assert start(github, config=config)[0].budget == 1.0
