import json
from dataclasses import replace
from datetime import UTC, datetime

import pytest
from memory_github import MemoryGitHub, pull_request
from standin import events
from standin.state import Pull, State

from github_bot.config import BotConfig, Triggers
from github_bot.errors import GitHubError, NotConfigured, Refused
from github_bot.events.command import Command, command_of
from github_bot.events.payload import parse_payload, read_payload
from github_bot.events.refusal import allowed
from github_bot.events.request import Ignored, Request, read_request
from github_bot.github.contract import Actor, RepositoryInfo

URL = "https://github.com"
EVERYTHING = BotConfig(assignee="runoff-bot", triggers=Triggers(assignment=True))
NOW = datetime(2026, 11, 29, tzinfo=UTC)


@pytest.fixture(scope="module")
def state():
    state = State()
    state.issue("eve", "total is wrong", "`total([3])` is 0")
    state.pull("github-actions[bot]", "Fix", "", Pull("runoff/issue-1", "b" * 40, "main", True))
    state.pull("eve", "Mine", "", Pull("mine", "c" * 40, "main", False))
    return state


def asked(event, config=EVERYTHING, **changed):
    _, payload = event
    return read_request(parse_payload(json.dumps({**payload, **changed}).encode()), config)


@pytest.mark.parametrize(
    "comment, command",
    [
        ("/runoff", Command("solve")),
        ("  /runoff\n", Command("solve")),
        ("/runoff retry", Command("retry")),
        ("/runoff STOP now", Command("stop", None, "now")),
        ("/runoff explain", Command("explain")),
        ("/runoff $2.50", Command("solve", 2.5)),
        ("/runoff retry 3$ only price.py", Command("retry", 3.0, "only price.py")),
        ("/runoff retry\nsecond line", Command("retry", None, "second line")),
        ("/runoff fix the sum, please", Command("solve", None, "the sum, please")),
        ("/runoff Fix: the sum", Command("solve", None, "the sum")),
        ("/runoff $2 the sum", Command("solve", 2.0, "the sum")),
        ("/runoff help", Command("help")),
        ("please /runoff", None),
        ("/runoffs", None),
        ("> /runoff", None),
        ("", None),
    ],
)
def test_a_command_stands_at_the_start_of_a_comment(comment, command):
    assert command_of(comment) == command


@pytest.mark.parametrize(
    "comment, said",
    [
        ("/runoff retyr", "no `/runoff retyr`"),
        ("/runoff fixx it", "no `/runoff fixx`"),
        ("/runoff please use Decimal", "no `/runoff please`"),
        ("/runoff $0", "more than nothing"),
        ("/runoff fix " + "a" * 2001, "2,000"),
    ],
)
def test_a_command_that_is_wrong_starts_nothing_and_says_why(comment, said):
    command = command_of(comment)
    assert command.verb == "help"
    assert said in command.hint


def test_what_a_review_says_is_no_command_unless_it_looks_like_one():
    assert command_of("/runoff add a case", of_review=True) == Command("solve", None, "add a case")
    assert command_of("/runoff fixx it", of_review=True).verb == "help"


def test_a_label_an_assignment_and_a_command_are_requests(state):
    label = asked(events.labeled(state, URL, 1, "mia"))
    assert (label.verb, label.kind, label.issue) == ("solve", "label", 1)
    assert (label.title, label.author) == ("total is wrong", "eve")
    assert label.host == URL
    assert label == asked(events.labeled(state, URL, 1, "mia"))
    assert asked(events.assigned(state, URL, 1, "mia", "Runoff-Bot")).kind == "assignment"
    comment = state.comment(1, "mia", "/runoff retry $2 only price.py")
    command = asked(events.commented(state, URL, 1, comment))
    assert (command.verb, command.budget, command.hint) == ("retry", 2.0, "only price.py")
    assert command.id == f"command-{comment.id}"


def test_what_is_no_request_says_why(state):
    ignored = {
        "the label is not": events.labeled(state, URL, 1, "mia", label="bug"),
        "is a bot": events.labeled(state, URL, 1, "dependabot[bot]"),
        "pull request": events.labeled(state, URL, 2, "mia"),
        "not the bot's account": events.assigned(state, URL, 1, "mia", "eve"),
        "does not start with": events.commented(state, URL, 1, state.comment(1, "mia", "see /runoff")),
        "not a pull request of the bot's": events.reviewed(state, URL, 3, state.review(3, "mia", "x")),
        "asks for nothing": events.reviewed(state, URL, 2, state.review(2, "mia", "x", state="APPROVED")),
        "not of the bot's branch": events.checks_ended(state, URL, 3),
        "not red": events.checks_ended(state, URL, 2, conclusion="success"),
        "starts nothing": events.line_commented(state, URL, 2, state.line_comment(2, "mia", "x", "a.py", 1)),
    }
    for reason, event in ignored.items():
        found = asked(event)
        assert isinstance(found, Ignored), reason
        assert reason in found.reason
    assert isinstance(asked(events.labeled(state, URL, 1, "mia"), action="unlabeled"), Ignored)
    organisation = {"login": "octo", "type": "Organization"}
    assert "is a bot" in asked(events.labeled(state, URL, 1, "mia"), sender=organisation).reason


def test_a_comment_that_an_app_wrote_for_a_person_starts_nothing(state):
    name, payload = events.commented(state, URL, 1, state.comment(1, "mia", "/runoff"))
    payload = {**payload, "comment": {**payload["comment"], "performed_via_github_app": {"id": 1}}}
    assert "an app wrote" in asked((name, payload)).reason


def test_each_trigger_can_be_switched_off(state):
    off = BotConfig(
        assignee="runoff-bot",
        triggers=Triggers(label=False, assignment=False, command=False, review=False, checks=False),
    )
    for event in (
        events.labeled(state, URL, 1, "mia"),
        events.assigned(state, URL, 1, "mia", "runoff-bot"),
        events.commented(state, URL, 1, state.comment(1, "mia", "/runoff")),
        events.reviewed(state, URL, 2, state.review(2, "mia", "x")),
        events.checks_ended(state, URL, 2),
    ):
        assert "switched off" in asked(event, off).reason


def test_reviews_commands_checks_and_the_end_of_its_own_pull_request(state):
    review = asked(events.reviewed(state, URL, 2, state.review(2, "mia", "add a case")))
    assert (review.verb, review.issue, review.pull_request, review.text) == ("revise", 1, 2, "add a case")
    command = asked(events.commented(state, URL, 2, state.comment(2, "mia", "/runoff add a case")))
    assert (command.verb, command.issue, command.pull_request, command.text) == ("revise", 0, 2, "add a case")
    assert command.id.startswith("review-")
    checks = asked(events.checks_ended(state, URL, 2))
    assert (checks.verb, checks.kind, checks.issue, checks.commit) == ("revise", "checks", 1, "b" * 40)
    closed = asked(events.closed(state, URL, 2, "mia"))
    assert (closed.verb, closed.issue, closed.pull_request) == ("closed", 1, 2)


def test_what_is_no_payload_is_one_line():
    for raw in (b"", b"{", b"[]", b"{}", b"\xff", b'{"repository": {"full_name": "../x", "html_url": ""}}'):
        with pytest.raises(GitHubError) as refused:
            parse_payload(raw)
        assert "\n" not in str(refused.value)


def test_a_file_that_is_no_event_is_a_wrong_set_up(tmp_path):
    for content in (b"[", b"{}"):
        (tmp_path / "event.json").write_bytes(content)
        with pytest.raises(NotConfigured, match="give the payload that GitHub sent"):
            read_payload(tmp_path / "event.json")
    with pytest.raises(NotConfigured, match="cannot read the event"):
        read_payload(tmp_path / "none.json")


def request(**changes):
    values = {
        **{"verb": "solve", "kind": "label", "id": "label-1-1", "actor": Actor("mia", False), "at": NOW, "issue": 1},
        **{"repository": "octo/shop", "host": URL, "title": "as labelled", "body": "b", "author": "eve"},
    }
    return Request(**{**values, **changes})


@pytest.fixture
def github():
    github = MemoryGitHub()
    github.open_issue(at=NOW)
    return github


def test_somebody_who_may_starts_it_with_the_text_of_the_event(github):
    github.open_issue(at=NOW, title="edited since")
    assert allowed(request(), BotConfig(), github) == request()


SHOP = RepositoryInfo("octo/shop", "main", "https://github.com/octo/shop.git")
REFUSALS = {
    "lacks the permission": lambda github: request(actor=Actor("eve", False)),
    "lacks the permission 'write'": lambda github: request(actor=Actor("tom", False)),
    "lacks": lambda github: request(actor=Actor("stranger", False)),
    "is a bot": lambda github: request(actor=Actor("x[bot]", True)),
    "set GITHUB_SERVER_URL": lambda github: request(host="https://github.example.com"),
    "give it read access": lambda github: request(repository="octo/other"),
    "archived": lambda github: _with(github, replace(SHOP, archived=True)),
    "disabled": lambda github: _with(github, replace(SHOP, disabled=True)),
    "forks: true": lambda github: _with(github, replace(SHOP, fork=True)),
    "is closed: reopen": lambda github: _issue(github, state="closed"),
    "is locked": lambda github: _issue(github, locked=True),
    "was moved to": lambda github: _issue(github, repository="octo/elsewhere"),
    "is a pull request": lambda github: _issue(github, is_pull_request=True),
    "is not there any more": lambda github: request(issue=5),
}


def _with(github, repository):
    github.repositories["octo/shop"] = repository
    return request()


def _issue(github, **changes):
    github.open_issue(at=NOW, **changes)
    return request()


@pytest.mark.parametrize("said", REFUSALS)
def test_what_may_not_be_done_is_refused_in_one_line(github, said):
    asked = REFUSALS[said](github)
    with pytest.raises(Refused, match=said):
        allowed(asked, BotConfig(), github)


def test_private_repositories_and_chosen_forks_and_roles_and_hosts_are_worked_on(github):
    github.repositories["octo/shop"] = replace(SHOP, private=True, fork=True)
    asked = request(actor=Actor("tom", False), host="https://ghe.example")
    assert allowed(asked, BotConfig(forks=True, permission="triage"), github, "https://ghe.example") == asked


def revise(**changes):
    return request(**{"verb": "revise", "kind": "review", "id": "review-1", "pull_request": 9, "title": "", **changes})


def test_a_round_is_of_the_bots_own_pull_request_and_reads_its_issue(github):
    github.pulls = [pull_request()]
    found = allowed(revise(issue=0), BotConfig(), github)
    assert (found.issue, found.commit, found.title) == (1, "b" * 40, "t")


@pytest.mark.parametrize(
    "changes, said",
    [
        ({"author": Actor("eve", False)}, "not a pull request of the bot's"),
        ({"head_repository": "eve/shop"}, "not a pull request of the bot's"),
        ({"head_repository": ""}, "not a pull request of the bot's"),
        ({"head_branch": "mine"}, "not a pull request of the bot's"),
        ({"head_branch": "runoff/issue-x"}, "not a pull request of the bot's"),
        ({"number": 8}, "no pull request of the bot's"),
        ({"state": "closed"}, "is closed"),
    ],
)
def test_other_pull_requests_are_left_alone(github, changes, said):
    github.pulls = [pull_request(**changes)]
    with pytest.raises(Refused, match=said):
        allowed(revise(), BotConfig(), github)


def test_checks_are_githubs_own_word_on_the_newest_commit_alone(github):
    github.pulls = [pull_request()]
    checks = revise(kind="checks", pull_request=None, actor=Actor("ci[bot]", True), commit="b" * 40)
    assert allowed(checks, BotConfig(), github).pull_request == 9
    with pytest.raises(Refused, match="left behind"):
        allowed(replace(checks, commit="c" * 40), BotConfig(), github)
