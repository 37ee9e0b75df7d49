"""The client against the stand-in: every request is held to GitHub's own description."""

from datetime import datetime

import pytest

from github_bot.errors import ArtifactError, GitHubError, NotConfigured, Unanswered
from github_bot.github.connection import API, App, api_address
from github_bot.github.sign_in import app_token, by_token

REPO = "octo/shop"


def test_reads_what_is_there(github, writer):
    github.state.label(1, "mia", "runoff")
    github.state.comment(1, "tom", "me too")
    issue = writer.issue(REPO, 1)
    assert (issue.title, issue.author.login, issue.labels) == ("total loses the first price", "eve", ("runoff",))
    assert (issue.state, issue.is_pull_request, issue.repository) == ("open", False, REPO)
    assert [comment.body for comment in writer.comments(REPO, 1)] == ["me too"]
    assert writer.repository(REPO).default_branch == "main"
    assert writer.labels(REPO) == ("bug", "runoff")
    assert writer.head(REPO, "main") == github.store.refs()["refs/heads/main"]
    assert writer.me().login == "github-actions[bot]"
    assert writer.me().is_bot


def test_what_is_not_there_is_none(writer):
    assert writer.issue(REPO, 99) is None
    assert writer.repository("octo/none") is None
    assert writer.head(REPO, "none") is None
    assert writer.file(REPO, "none.py", "main") is None
    assert writer.file(REPO, "shop", "main") is None


def test_permissions_are_roles(github, writer):
    assert [writer.permission(REPO, login) for login in ("ada", "mia", "tom", "stranger")] == [
        "admin",
        "write",
        "triage",
        "read",
    ]


def test_more_comments_than_a_page_holds(github, writer):
    for number in range(230):
        github.state.comment(1, "tom", str(number))
    assert [comment.body for comment in writer.comments(REPO, 1)] == [str(number) for number in range(230)]


def test_the_bots_own_comments_since_a_moment(github, writer):
    github.state.issue("eve", "another", "")
    old, new = (github.state.comment(number, "github-actions[bot]", str(number)) for number in (1, 2))
    github.state.comment(1, "tom", "theirs")
    for since, found in ((old, ["1", "2"]), (new, ["2"])):
        recent = writer.recent_comments(REPO, datetime.fromisoformat(since.created_at))
        assert [comment.body for comment in recent] == found


def test_a_file_behind_a_link_is_none(github, writer):
    store = github.store
    link = {"path": "link.py", "mode": "120000", "sha": store.add_blob(b"shop/price.py")}
    commit = store.add_commit("link", store.add_tree([link], store.refs()["refs/heads/main"]), [])
    assert writer.file(REPO, "shop/price.py", commit).startswith(b"def total")
    assert writer.file(REPO, "link.py", commit) is None
    with pytest.raises(ArtifactError, match=r"'link.py' is a link: nothing is written over it"):
        writer.tree(REPO, commit, {"link.py": b"x"})
    with pytest.raises(ArtifactError, match=r"'link.py' is no folder"):
        writer.tree(REPO, commit, {"link.py/x": b"x"})


def test_commit_branch_and_pull_request(github, writer):
    main = writer.head(REPO, "main")
    files = {"shop/price.py": b"def total(prices):\n    return sum(prices)\n", "poetry.lock": None, "new.sh": b"\xff"}
    commit = writer.commit(REPO, main, writer.tree(REPO, main, files, executable={"new.sh"}), "Fix it")
    writer.create_branch(REPO, "runoff/issue-1", commit)
    assert github.store.git("show", "-s", "--format=%P %s", commit).decode() == f"{main} Fix it\n"
    modes = {entry["path"]: entry["mode"] for entry in github.store.tree(commit, recursive=True)}
    assert modes["new.sh"] == "100755"
    assert modes["shop/price.py"] == "100644"
    assert "poetry.lock" not in modes
    assert writer.file(REPO, "new.sh", "runoff/issue-1") == b"\xff"

    opened = writer.create_pull_request(REPO, title="t", body="b", head="runoff/issue-1", base="main", draft=True)
    assert opened.draft
    assert opened.head_commit == commit
    (found,) = writer.pull_requests(REPO, head="runoff/issue-1")
    assert (found.number, found.author.login, found.head_repository) == (opened.number, "github-actions[bot]", REPO)
    writer.update_pull_request(REPO, opened.number, title="t2", body="b2")
    assert writer.pull_request(REPO, opened.number).title == "t2"

    assert writer.commit_at(REPO, commit).parents == (main,)
    assert [writer.contains(REPO, branch, commit) for branch in ("main", "runoff/issue-1")] == [False, True]
    assert writer.contains(REPO, "runoff/issue-1", main)
    assert not writer.contains(REPO, "main", "0" * 40)
    beside = writer.commit(REPO, main, writer.tree(REPO, main, {"a": b"a"}), "beside")
    with pytest.raises(GitHubError, match="not a fast forward"):
        writer.advance_branch(REPO, "runoff/issue-1", beside)
    onward = writer.commit(REPO, commit, writer.tree(REPO, commit, {"a": b"a"}), "onward")
    writer.advance_branch(REPO, "runoff/issue-1", onward)
    assert writer.pull_request(REPO, opened.number).head_commit == onward
    writer.delete_branch(REPO, "runoff/issue-1")
    writer.delete_branch(REPO, "runoff/issue-1")
    assert writer.head(REPO, "runoff/issue-1") is None


def test_reviews_and_failed_checks(github, writer):
    store = github.store
    store.set_ref(
        "refs/heads/runoff/issue-1", store.add_commit("x", store.add_tree([]), [store.refs()["refs/heads/main"]])
    )
    pull = writer.create_pull_request(REPO, title="t", body="b", head="runoff/issue-1", base="main", draft=True)
    github.state.review(pull.number, "mia", "please not so")
    github.state.line_comment(pull.number, "mia", "here", "shop/price.py", 2)
    assert [(one.state, one.body, one.path, one.line) for one in writer.reviews(REPO, pull.number)] == [
        ("changes_requested", "please not so", "", None),
        ("", "here", "shop/price.py", 2),
    ]
    github.state.check(pull.head_commit, "lint", "success")
    github.state.check(pull.head_commit, "tests", "failure", "2 failed", log="x" * 20_000 + "\nE  assert 4 == 7\n")
    (red,) = writer.failed_checks(REPO, pull.head_commit)
    assert red.name == "tests"
    assert red.summary.endswith("2 failed")
    assert red.log_tail.endswith("E  assert 4 == 7\n")
    assert len(red.log_tail) == 8_000


def test_a_token_that_may_not_is_told(github):
    reads = by_token(github.state.token("bot", issues="read"), api=github.url)
    with reads as client, pytest.raises(GitHubError, match="403 Resource not accessible by integration: give the tok"):
        client.create_comment(REPO, 1, "x")
    with by_token("wrong", api=github.url) as client, pytest.raises(GitHubError, match="401 Bad credentials"):
        client.issue(REPO, 1)
    with pytest.raises(NotConfigured, match="set GITHUB_TOKEN"):
        by_token(" ")


@pytest.mark.parametrize("kind", ["502", "403", "429", "cut"])
def test_reading_is_tried_again(github, writer, kind):
    github.faults.add(kind, r"GET .*/issues/1$", times=2)
    assert writer.issue(REPO, 1).number == 1


def test_what_may_have_been_done_is_not_done_again(github, writer):
    github.faults.add("lost", r"POST .*/comments$")
    with pytest.raises(Unanswered, match="GitHub answers 502"):
        writer.create_comment(REPO, 1, "once")
    assert len(github.state.issues[1].comments) == 1
    github.faults.add("403", r"POST .*/comments$")
    writer.create_comment(REPO, 1, "after the limit")
    assert len(github.state.issues[1].comments) == 2


def test_what_does_no_harm_twice_is_tried_again(github, writer):
    github.faults.add("lost", r"POST .*/git/(blobs|trees|commits)$", times=3)
    main = writer.head(REPO, "main")
    assert writer.commit(REPO, main, writer.tree(REPO, main, {"a": b"a"}), "m")


@pytest.mark.parametrize(
    "server, api, said",
    [
        ("", "", API),
        ("https://github.com/", "", API),
        ("https://ghe.example", "", "https://ghe.example/api/v3"),
        ("https://octo.ghe.com", "", "https://api.octo.ghe.com"),
        ("https://ghe.example", "https://other.example/api", "https://other.example/api"),
    ],
)
def test_the_token_of_an_enterprise_server_goes_to_its_own_api(monkeypatch, server, api, said):
    monkeypatch.setenv("GITHUB_SERVER_URL", server)
    monkeypatch.setenv("GITHUB_API_URL", api)
    assert api_address() == said


def test_enterprise(github):
    token = github.state.token("bot", issues="write")
    with by_token(token, api=f"{github.url}/api/v3/") as client:
        assert client.issue(REPO, 1).repository == REPO
        assert client.me().login == "bot"


def test_an_app_signs_in_with_no_more_than_it_needs(github, app_keys):
    private, github.app_key = app_keys
    token, login = app_token(App("12", private), REPO, "write", api=github.url)
    with by_token(token, api=github.url, me=login) as client:
        assert client.create_comment(REPO, 1, "hello").author.login == login == "runoff-bot[bot]"
    token, _ = app_token(App("12", private), REPO, "read", api=github.url)
    with by_token(token, api=github.url) as client, pytest.raises(GitHubError, match="give the token that permission"):
        client.create_comment(REPO, 1, "hello")
