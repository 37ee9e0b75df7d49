"""One delivery from start to end against the stand-in; what works is a script that hands a made artifact over."""

import json
import os
import sys
import threading
from dataclasses import replace
from datetime import timedelta
from io import BytesIO

import pytest
from publishable import REPO, artifact
from standin import events

from github_bot.artifact import write_artifact
from github_bot.config import BotConfig
from github_bot.errors import GitHubError, Refused
from github_bot.events.payload import parse_payload
from github_bot.events.request import read_request
from github_bot.github.connection import App
from github_bot.marker import marker_of
from github_bot.operator import Operator
from github_bot.serve.handling import Bot
from github_bot.serve.queue import Delivery, Elsewhere
from github_bot.serve.renewing import RENEWED, Renewing

WORK = """
import json, os, shutil, sys, time
place = {place!r}
with open(place + "/seen.json", "w") as file:
    json.dump([dict(os.environ), sys.argv], file)
if os.path.exists(place + "/slow"):
    time.sleep(600)
if os.path.exists(place + "/artifact"):
    shutil.copytree(place + "/artifact", sys.argv[sys.argv.index("-o") + 1])
"""

LONG = """
import os, shutil, sys, time
from github_bot.cli.place import at_github
from github_bot.errors import GitHubError
from github_bot.serve.phase_one import follow_server
place = {place!r}
follow_server()
def asked():
    try:
        return github.issue("octo/shop", 1) is not None
    except GitHubError as error:
        return "token is wrong or has ended" not in str(error)
def until(wanted, said):
    for _ in range(1000):
        if asked() is wanted:
            return open(place + "/" + said, "w").close()
        time.sleep(0.02)
    sys.exit(said + " never came")
with at_github() as github:
    until(True, "works")
    until(False, "ended")
    until(True, "renewed")
shutil.copytree(place + "/artifact", sys.argv[sys.argv.index("-o") + 1])
"""
"""Work that reads with its token before and after that has ended."""


@pytest.fixture
def bot(github, app_keys, tmp_path):
    private, github.app_key = app_keys
    (tmp_path / "work.py").write_text(WORK.format(place=str(tmp_path)))
    return Bot(
        App("12", private),
        tmp_path / "state",
        api=github.url,
        host=github.url,
        secrets=frozenset({private}),
        environment={**os.environ, "RUNOFF_BOT_WEBHOOK_SECRET": "hush", "GITHUB_TOKEN": "ghs_of_the_server"},
        command=(sys.executable, str(tmp_path / "work.py")),
    )


@pytest.fixture
def labelled(github, tmp_path):
    """Put a label on the issue and prepare the artifact that the work will come to; return the delivery."""

    def put(sender="mia", label="runoff"):
        github.state.label(1, sender, label)
        event, payload = events.labeled(github.state, github.url, 1, sender, label)
        body = json.dumps(payload).encode()
        request = read_request(parse_payload(body), BotConfig(label=label))
        made = artifact(github.store.refs()["refs/heads/main"], run_id=getattr(request, "id", "none"))
        write_artifact(made, tmp_path / "artifact")
        return Delivery(1, "id-1", event, f"{REPO}#1", body, 1)

    return put


def test_a_label_ends_in_a_pull_request(github, bot, labelled, tmp_path):
    delivery = labelled()
    assert "pull request #2" in bot(delivery, threading.Event())
    (comment,) = github.state.issues[1].comments
    assert "Pull request: #2" in comment.body
    (run,) = marker_of(comment.body).runs.values()
    assert (run.cost, run.ended) == (1.25, True)
    assert "was answered before" in bot(delivery, threading.Event())


def test_the_work_sees_a_token_that_only_reads_and_no_key_of_the_app(github, bot, labelled, app_keys, tmp_path):
    bot(labelled(), threading.Event())
    environment, command = json.loads((tmp_path / "seen.json").read_text())
    token = github.state.tokens[environment["GITHUB_TOKEN"]]
    assert {token.permissions[name] for name in ("contents", "issues", "pull_requests")} == {"read"}
    given = {name for name in environment if name.startswith("RUNOFF_BOT_")}
    assert given == {"RUNOFF_BOT_LOGIN", "RUNOFF_BOT_OPERATOR"}
    everything = json.dumps([environment, command]) + (tmp_path / "state/jobs/1/event.json").read_text()
    written = [text for text, one in github.state.tokens.items() if one.permissions.get("contents") == "write"]
    assert written
    assert not any(secret in everything for secret in (*written, "hush", "ghs_of_the_server", app_keys[0][40:80]))


def test_work_without_a_result_is_told_and_the_next_try_goes_on(github, bot, labelled, tmp_path):
    delivery = labelled()
    (tmp_path / "artifact").rename(tmp_path / "later")
    with pytest.raises(Refused, match="left no result"):
        bot(delivery, threading.Event())
    assert "could not work" in github.state.issues[1].comments[0].body
    (tmp_path / "later").rename(tmp_path / "artifact")
    bot(delivery, threading.Event())
    assert [len(github.state.issues[1].comments), len(github.state.pulls)] == [1, 1]


def test_stopping_ends_the_work_and_the_next_start_goes_on(github, bot, labelled, tmp_path):
    delivery, stopping = labelled(), threading.Event()
    (tmp_path / "slow").touch()
    ender = threading.Thread(target=lambda: (until_there(tmp_path / "seen.json"), stopping.set()))
    ender.start()
    assert bot(delivery, stopping) == ""
    ender.join()
    assert github.state.pulls == []
    (tmp_path / "slow").unlink()
    bot(delivery, threading.Event())
    assert [len(github.state.issues[1].comments), len(github.state.pulls)] == [1, 1]


def test_work_that_lasts_longer_than_its_token_gets_another_that_only_reads(github, bot, labelled, tmp_path):
    (tmp_path / "work.py").write_text(LONG.format(place=str(tmp_path)))
    seconds = [0.0]

    def an_hour_passes():
        until_there(tmp_path / "works")
        github.state.let_pass(timedelta(hours=1))
        until_there(tmp_path / "ended")
        seconds[0] += RENEWED

    clock = threading.Thread(target=an_hour_passes)
    clock.start()
    assert "pull request #2" in replace(bot, clock=lambda: seconds[0])(labelled(), threading.Event())
    clock.join()
    assert (tmp_path / "renewed").exists()
    levels = [token.permissions["contents"] for token in github.state.tokens.values()]
    assert levels == ["write", "read", "read", "write"]


def test_a_token_is_renewed_when_it_is_time_and_asked_for_again_where_there_was_none():
    now, answers, written = [0.0], [GitHubError("down"), "ghs_new", "ghs_newer"], BytesIO()

    def make():
        made = answers.pop(0)
        if isinstance(made, GitHubError):
            raise made
        return made

    renewed = Renewing(make, written, lambda: now[0])
    for at, said in (
        (RENEWED - 1, b""),
        (RENEWED, b""),
        (RENEWED + 59, b""),
        (RENEWED + 60, b"ghs_new\n"),
        (RENEWED + 61, b"ghs_new\n"),
        (2 * RENEWED + 60, b"ghs_new\nghs_newer\n"),
    ):
        now[0] = at
        renewed()
        assert written.getvalue() == said


def until_there(path):
    while not path.exists():
        threading.Event().wait(0.02)


@pytest.mark.parametrize(
    "asked, said",
    [
        ({"sender": "eve"}, "not done: eve lacks the permission 'write'"),
        ({"label": "bug"}, "nothing to do: the label is not 'runoff'"),
        ({"sender": "dependabot[bot]"}, "nothing to do: dependabot[bot] is a bot"),
    ],
)
def test_what_starts_nothing(github, bot, labelled, asked, said):
    assert bot(labelled(**asked), threading.Event()).startswith(said)
    assert github.state.issues[1].comments == []


def test_a_command_on_the_bots_pull_request_waits_under_its_issue(github, bot, labelled):
    bot(labelled(), threading.Event())
    comment = github.state.comment(2, "mia", "/runoff None is nothing to pay")
    event, payload = events.commented(github.state, github.url, 2, comment)
    with pytest.raises(Elsewhere) as moved:
        bot(Delivery(2, "id-2", event, f"{REPO}#2", json.dumps(payload).encode(), 1), threading.Event())
    assert moved.value.place == f"{REPO}#1"


def test_the_end_of_a_pull_request_removes_its_branch(github, bot, labelled):
    bot(labelled(), threading.Event())
    pull = github.state.pulls[0]
    pull.state, pull.updated_at = "closed", github.state.now()
    event, payload = events.closed(github.state, github.url, pull.number, "mia")
    said = bot(Delivery(2, "id-2", event, f"{REPO}#1", json.dumps(payload).encode(), 1), threading.Event())
    assert "runoff/issue-1 is removed" in said
    assert "refs/heads/runoff/issue-1" not in github.store.refs()


def test_a_branch_that_somebody_moved_on_since_stays(github, bot, labelled):
    bot(labelled(), threading.Event())
    pull = github.state.pulls[0]
    pull.state, pull.updated_at = "closed", github.state.now()
    github.store.lay({"human.py": "work of a person\n"}, branch="runoff/issue-1")
    event, payload = events.closed(github.state, github.url, pull.number, "mia")
    said = bot(Delivery(2, "id-2", event, f"{REPO}#1", json.dumps(payload).encode(), 1), threading.Event())
    assert "runoff/issue-1 stays: it is at" in said
    assert "refs/heads/runoff/issue-1" in github.store.refs()


def test_an_error_that_nobody_foresaw_is_told_on_the_issue(github, bot, labelled, monkeypatch):
    monkeypatch.setattr("github_bot.serve.handling.publish_folder", lambda *_: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        bot(labelled(), threading.Event())
    (comment,) = github.state.issues[1].comments
    assert "nobody foresaw" in comment.body


def test_a_repositorys_budgets_are_held_under_the_servers(github, bot, labelled, tmp_path):
    github.store.lay({".github/runoff.yml": "budget: {run: 100000, issue_day: 100000, repository_month: 100000}\n"})
    bot = replace(bot, operator=Operator(budget={"run": 2.5}, models=["openai/mine"]))
    bot(labelled(), threading.Event())
    environment, command = json.loads((tmp_path / "seen.json").read_text())
    assert command[command.index("--budget") + 1] == "2.50"
    assert Operator.model_validate_json(environment["RUNOFF_BOT_OPERATOR"]) == bot.operator
