"""The dry run: what it shows are the event's and the checkout's own values, and the command line goes first."""

import json
import os
import subprocess
from pathlib import Path

import pytest
from publishable import REPO, artifact
from rich.console import Console
from standin import events

from environments.trees.branches import branch_at
from environments.trees.foreign import checkout_at
from github_bot.cli.run import run
from github_bot.config import PATH, BotConfig
from github_bot.dry_run.local import LocalGitHub, event_of_issue
from github_bot.dry_run.recorder import Recorder
from github_bot.errors import NotConfigured
from github_bot.events.payload import Payload
from github_bot.events.request import read_request
from github_bot.publish import Target, publish
from github_bot.solve.last_run import folder_of
from github_bot.solve.means import Means
from github_bot.solve.solving import solve
from swebench_runs.checkouts.fixing import Fix
from swebench_runs.errors import Exit, UsageError

ISSUE = "# total loses the first price\n\n`total([3, 4])` is 4, expected 7\n"


@pytest.fixture
def checkout(laid, tmp_path):
    """A clone whose default branch is called otherwise."""
    folder = tmp_path / "shop"
    subprocess.run(["git", "clone", "-q", str(laid / "octo/shop.git"), str(folder)], check=True)
    subprocess.run(["git", "checkout", "-q", "-b", "trunk"], cwd=folder, check=True)
    (tmp_path / "issue.md").write_text(ISSUE)
    return folder


def test_what_would_be_posted_names_the_checkouts_branch_and_commit(checkout, tmp_path):
    payload = event_of_issue(tmp_path / "issue.md", checkout)
    recorder = Recorder(LocalGitHub(payload, checkout))
    recorder.create_comment("local/checkout", 1, "is working on this")
    branch, commit = branch_at(checkout_at(checkout))
    assert branch == "trunk"
    made = artifact(commit, repository="local/checkout", base_branch="trunk")
    publish(made, Target("local/checkout", 1, "run-1"), recorder, frozenset())
    said = [post.what for post in recorder.posts]
    assert f"a commit on {commit[:10]} of shop/price.py" in said
    assert any(what.endswith(" of tests/test_issue_1.py") for what in said)
    assert "a draft pull request from runoff/issue-1 to trunk: Count the first price" in said
    assert "Pull request: #2" in recorder.posts[-1].text


def test_an_events_own_default_branch_goes_before_the_checkouts(github, checkout):
    _, payload = events.labeled(github.state, github.url, 1, "mia")
    payload["repository"]["default_branch"] = "stable"
    local = LocalGitHub(Payload.model_validate(payload), checkout)
    assert local.repository(REPO).default_branch == "stable"
    assert local.head(REPO, "stable") == branch_at(checkout_at(checkout))[1]
    assert local.head(REPO, "trunk") is None


def test_a_folder_without_a_repository_will_do(tmp_path):
    (tmp_path / "issue.md").write_text(ISSUE)
    local = LocalGitHub(event_of_issue(tmp_path / "issue.md", tmp_path), tmp_path)
    assert (local.repository("local/checkout").default_branch, local.head("local/checkout", "main")) == (
        "main",
        "0" * 40,
    )


def test_an_issue_is_labelled_as_the_checkouts_configuration_has_it(checkout, tmp_path):
    (checkout / PATH).write_text("label: agent\n")
    assert event_of_issue(tmp_path / "issue.md", checkout).label.name == "agent"
    with pytest.raises(NotConfigured, match="cannot read the issue"):
        event_of_issue(tmp_path / "none.md", checkout)
    (tmp_path / "empty.md").write_text("\n")
    with pytest.raises(NotConfigured, match="is empty: write its title"):
        event_of_issue(tmp_path / "empty.md", checkout)
    with pytest.raises(NotConfigured, match="takes a file here"):
        event_of_issue(Path("https://github.com/octo/shop/issues/1"), checkout)


def test_a_key_that_is_missing_is_told_instead_of_played(checkout, tmp_path, monkeypatch, capsys):
    monkeypatch.delenv("ANTHROPIC_API_KEY", raising=False)
    with pytest.raises(UsageError, match="set ANTHROPIC_API_KEY"):
        run(issue=tmp_path / "issue.md", checkout=checkout, dry_run=True, model=["anthropic/claude-sonnet-4-5"])
    assert "===" not in capsys.readouterr().out


def test_a_mistake_on_the_command_line_is_told_before_anything_is_played(checkout, tmp_path):
    with pytest.raises(UsageError, match="trajectories"):
        run(issue=tmp_path / "issue.md", checkout=checkout, dry_run=True, config=["trajectorys=1"])


def test_the_same_text_is_the_same_event(checkout, tmp_path):
    def played():
        payload = event_of_issue(tmp_path / "issue.md", checkout)
        return read_request(payload, BotConfig()).id

    first = played()
    assert played() == first
    os.utime(tmp_path / "issue.md", (1, 1))
    assert played() != first


def test_a_stop_is_told_and_not_worked_on(github, checkout, tmp_path, capsys):
    _, payload = events.commented(github.state, github.url, 1, github.state.comment(1, "mia", "/runoff stop"))
    (tmp_path / "event.json").write_text(json.dumps(payload))
    assert run(event=tmp_path / "event.json", checkout=checkout, dry_run=True, records=tmp_path / "runs") == 0
    assert "under way on the issue would see this and end" in capsys.readouterr().out
    assert not (tmp_path / "runs").exists()


def test_what_could_not_work_is_no_success(checkout, tmp_path, capsys):
    kept = tmp_path / "runs"
    told = run(issue=tmp_path / "issue.md", checkout=checkout, dry_run=True, records=kept, model=["nobodys-model"])
    assert told == 1
    assert "could not work" in capsys.readouterr().out


def test_where_the_run_lies_is_told(checkout, tmp_path, monkeypatch, capsys):
    def solved(request, config, means):
        place = folder_of(means.records, request.repository, request.issue) / request.id / "shop-1"
        place.mkdir(parents=True)
        (place / "run.yaml").touch()
        values = {"repository": "local/checkout", "base_branch": "trunk", "run_id": request.id}
        return artifact(branch_at(checkout_at(checkout))[1], **values)

    monkeypatch.setattr("github_bot.dry_run.playing.solve", solved)
    kept = tmp_path / "runs"
    assert run(issue=tmp_path / "issue.md", checkout=checkout, dry_run=True, records=kept, model=["local"]) == 0
    assert f"runoff inspect {kept}/local+checkout/issue-1/label-1-" in capsys.readouterr().out


def interrupted(*_args, **_kwargs):
    return Fix(None, Path(), Path(), exit_code=Exit.INTERRUPTED)


def test_ctrl_c_is_no_failure_of_the_machine_and_posts_nothing(checkout, tmp_path, monkeypatch, capsys):
    monkeypatch.setattr("github_bot.solve.solving.fix", interrupted)
    kept = tmp_path / "runs"
    with pytest.raises(KeyboardInterrupt):
        run(issue=tmp_path / "issue.md", checkout=checkout, dry_run=True, records=kept, model=["local"])
    shown = capsys.readouterr().out
    assert "The same command goes on" in shown
    assert "===" not in shown


def test_a_workflows_run_that_is_cancelled_says_so(checkout, tmp_path, monkeypatch):
    monkeypatch.setattr("github_bot.solve.solving.fix", interrupted)
    payload = event_of_issue(tmp_path / "issue.md", checkout)
    local = LocalGitHub(payload, checkout)
    means = Means(local, lambda _: checkout, tmp_path / "runs", Console(), 1.0)
    made = solve(read_request(payload, BotConfig()), BotConfig(), means)
    assert made.outcome == "failure"
    assert "Runoff was stopped." in made.comment
    assert "cancelled" in made.comment


@pytest.mark.parametrize("terminal", [True, False])
def test_a_terminal_shows_what_is_posted_as_the_page_does(checkout, tmp_path, monkeypatch, capsys, terminal):
    monkeypatch.setattr("sys.stdout.isatty", lambda: terminal, raising=False)
    issue = tmp_path / "event.json"
    state_payload = event_of_issue(tmp_path / "issue.md", checkout).model_dump(mode="json")
    comment = {"id": 5, "body": "/runoff fixx_it", "user": {"login": "you"}, "created_at": "2026-11-29T12:00:00Z"}
    state_payload |= {"action": "created", "comment": comment, "label": None}
    issue.write_text(json.dumps(state_payload))
    assert run(event=issue, checkout=checkout, dry_run=True, records=tmp_path / "runs", model=["local"]) == 0
    shown = capsys.readouterr().out
    assert "The command is none" in shown
    assert ("no `/runoff fixx_it`" in shown) is terminal
    assert ("fixx&#95;it" in shown) is not terminal
