"""Phase two against the stand-in: what is posted, and that nothing is posted twice."""

import re
import threading
from dataclasses import replace

import pytest
from publishable import AFTER, REPO, TEST, artifact

from github_bot.artifact import Spending, write_artifact
from github_bot.errors import ArtifactError, GitHubError, Refused, Unanswered
from github_bot.github.sign_in import by_token
from github_bot.longest import LONGEST
from github_bot.marker import Marker, Run, marked, marker_of, unmarked
from github_bot.publish import Target, publish_folder
from github_bot.publish import publish as publish_for
from github_bot.publish.one_comment import say

HERE = Target(REPO, 1, "run-1")
ONWARD = (
    b"--- a/shop/price.py\n+++ b/shop/price.py\n@@ -1,2 +1,2 @@\n def total(prices):\n"
    b"-    return sum(prices)\n+    return sum(prices, 0)\n"
)
"""Over what the first round made."""


def publish(artifact, here, writer, secrets):
    """Publish for the request that the artifact is of."""
    return publish_for(artifact, replace(here, run_id=artifact.run_id), writer, secrets)


@pytest.fixture
def made(github):
    """An artifact on the head of the default branch."""
    return lambda **changes: artifact(github.store.refs()["refs/heads/main"], **changes)


def posted(github):
    """Return (comments, branches, pull requests) that the bot has made."""
    refs = [ref for ref in github.store.refs() if ref.startswith("refs/heads/runoff/")]
    return [comment.body for comment in github.state.issues[1].comments], refs, github.state.pulls


def test_a_pull_request_with_its_test_in_a_second_commit(github, writer, made):
    done = publish(made(), HERE, writer, ())
    (comment,), (branch,), (pull,) = posted(github)
    assert done.pull_request == pull.number
    assert (pull.title, pull.pull.draft, pull.pull.base) == ("Count the first price", True, "main")
    assert "Fixes #1" in pull.body
    assert comment.startswith(f"There is a pull request.\n\nPull request: #{pull.number}")
    store = github.store
    subjects = store.git("log", "--format=%s", f"main..{branch}").decode().splitlines()
    assert subjects == ["Test for #1", "Count the first price (#1)"]
    assert store.git("show", f"{branch}:shop/price.py") == AFTER
    assert store.git("show", f"{branch}:tests/test_issue_1.py") == TEST
    assert store.git("diff", "--name-only", f"{branch}~1", branch).decode() == "tests/test_issue_1.py\n"
    assert marker_of(comment).runs["run-1"].cost == 1.25


def test_the_same_artifact_again_changes_nothing(github, writer, made):
    publish(made(), HERE, writer, ())
    before = posted(github)
    asked = len(github.state.requests)
    publish(made(), HERE, writer, ())
    assert posted(github) == before
    assert [verb for verb, _ in github.state.requests[asked:] if verb != "GET"] == []


def test_what_was_closed_stays_closed(github, writer, made):
    number = publish(made(), HERE, writer, ()).pull_request
    github.state.issues[number].state = "closed"
    writer.delete_branch(REPO, "runoff/issue-1")
    publish(made(), HERE, writer, ())
    assert len(github.state.pulls) == 1


@pytest.mark.parametrize("request_", ["git/blobs", "git/trees", "git/commits", "git/refs", "pulls", "comments"])
@pytest.mark.parametrize("kind", ["lost", "cut"])
def test_answers_that_are_lost_make_nothing_twice(github, writer, made, kind, request_):
    github.faults.add(kind, rf"POST .*/{request_}$")
    publish(made(), HERE, writer, ())
    assert [len(things) for things in posted(github)] == [1, 1, 1]


def test_two_at_once(github, made):
    token = github.state.token("bot", contents="write", issues="write", pull_requests="write")
    start, errors = threading.Barrier(2), []

    def work():
        with by_token(token, api=github.url, patience=0.01) as client:
            start.wait()
            try:
                publish(made(), HERE, client, ())
            except GitHubError as error:
                errors.append(error)

    workers = [threading.Thread(target=work) for _ in range(2)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    assert errors == []
    assert [len(things) for things in posted(github)] == [1, 1, 1]


def test_a_comment_that_another_worker_made_first_is_the_one(github, writer, made):
    github.state.comment(1, "github-actions[bot]", "started\n\n<!-- runoff {} -->")
    github.state.comment(1, "github-actions[bot]", "started too\n\n<!-- runoff {} -->")
    github.state.comment(1, "eve", "mine\n\n<!-- runoff {} -->")
    publish(made(outcome="abstention", patch=b"", test_patch=b"", comment="None stands."), HERE, writer, ())
    first, eves = posted(github)[0]
    assert first.startswith("None stands.")
    assert eves.startswith("mine")


def test_money_is_counted_once_and_summed(github, writer, made):
    for run_id in ("run-1", "run-1", "run-2"):
        done = made(run_id=run_id, outcome="abstention", patch=b"", test_patch=b"", comment=run_id)
        publish(done, HERE, writer, ())
    publish(made(outcome="abstention", patch=b"", test_patch=b"", comment="late"), HERE, writer, ())
    (comment,) = posted(github)[0]
    assert list(marker_of(comment).runs) == ["run-1", "run-2"]
    assert comment.startswith("run-2")


@pytest.mark.parametrize(
    "start", ["<!-- runoff", "<!-- runoffrunoff", "<!-- RUNOFF", "<!--  runoff", "<!-<!-- runoff- runoff"]
)
@pytest.mark.parametrize("place", ["{}", "```python\n{}\n```", "{}\n\n```", "a\n{}\n```\n<!-- runoff"])
def test_a_text_cannot_bring_a_hidden_line_of_its_own(start, place):
    true = Marker(runs={"run-1": Run(at="2026-11-29", cost=4.5)})
    body = marked(place.format(f'{start} {{"v":1,"runs":{{}}}} -->'), true)
    assert marker_of(body) == true
    assert marked(unmarked(body), true) == body
    forged = body.rpartition("\n")[0]
    assert not any(marker_of(line) for line in forged.splitlines())


def test_a_hidden_line_that_is_not_the_last_counts_nothing():
    assert marker_of('<!-- runoff {"v":1,"runs":{}} -->\n\nmore') is None


def test_a_description_cannot_say_that_another_run_made_it(github, writer, made):
    publish(
        made(body="The fix.\n\nFixes #1\n<!-- runoffrunoff-run run-9 -->\n<!-- runoff-run run-8 -->"), HERE, writer, ()
    )
    (pull,) = posted(github)[2]
    assert re.findall("<!-- runoff-run (.*?) -->", pull.body) == ["run-1"]


def test_a_later_round_moves_the_branch_forward(github, writer, made):
    first = publish(made(), HERE, writer, ())
    head = writer.head(REPO, "runoff/issue-1")
    more = made(
        base_commit=head, pull_request=first.pull_request, run_id="run-2", title="Better", patch=ONWARD, test_patch=b""
    )
    for _ in range(2):
        publish(more, HERE, writer, ())
    (pull,) = posted(github)[2]
    assert pull.title == "Better"
    assert writer.commit_at(REPO, pull.pull.head_sha).parents == (head,)
    publish(made(), HERE, writer, ())
    assert github.state.pulls[0].title == "Better"


def test_a_round_does_not_push_over_somebodys_commit(github, writer, made):
    first = publish(made(), HERE, writer, ())
    head = writer.head(REPO, "runoff/issue-1")
    theirs = github.store.lay({"theirs.py": "x = 1\n"}, branch="runoff/issue-1")
    done = publish(
        made(base_commit=head, pull_request=first.pull_request, run_id="run-2", patch=ONWARD, test_patch=b""),
        HERE,
        writer,
        (),
    )
    assert "somebody changed runoff/issue-1 meanwhile" in done.text
    assert writer.head(REPO, "runoff/issue-1") == theirs


def test_a_second_pull_request_is_not_opened(github, writer, made):
    publish(made(), HERE, writer, ())
    done = publish(made(run_id="run-2", title="Again"), HERE, writer, ())
    assert "is open for this issue already" in done.text
    assert len(github.state.pulls) == 1


def test_a_leftover_branch_of_the_bots_is_made_anew_and_a_strange_one_is_not(github, writer, made):
    github.faults.add("403", r"POST .*/pulls$", times=9)
    with pytest.raises(GitHubError):
        publish(made(), HERE, writer, ())
    github.faults.waiting.clear()
    publish(made(run_id="run-2", test_patch=b""), HERE, writer, ())
    assert [len(things) for things in posted(github)] == [1, 1, 1]
    github.state.pulls[0].state = "closed"
    github.store.lay({"theirs.py": "x = 1\n"}, branch="runoff/issue-1", message="theirs")
    assert "is not the bot's" in publish(made(run_id="run-3"), HERE, writer, ()).text


@pytest.mark.parametrize(
    "change, told",
    [
        (lambda state: state.edit(1, body="another"), "the issue was edited meanwhile"),
        (lambda state: state.edit(1, state="closed"), "the issue was closed meanwhile"),
    ],
)
def test_an_issue_that_moved_on_gets_no_pull_request(github, writer, made, change, told):
    change(github.state)
    assert told in publish(made(), HERE, writer, ()).text
    assert [len(things) for things in posted(github)] == [1, 0, 0]


@pytest.mark.parametrize(
    "change, told",
    [
        (lambda state: state.edit(1, locked=True), "is locked"),
        (lambda state: state.settings.update(archived=True), "is archived"),
        (lambda state: setattr(state.issues[1], "pull", state.issues[2].pull), "is a pull request"),
    ],
)
def test_where_nothing_can_be_posted_nothing_is(github, writer, made, change, told):
    from standin.state import Pull

    github.state.pull("mia", "t", "b", Pull("x", "a" * 40, "main", draft=False))
    change(github.state)
    with pytest.raises(Refused, match=told):
        publish(made(), HERE, writer, ())
    assert {verb for verb, _ in github.state.requests} == {"GET"}


def test_a_base_that_is_not_the_default_branchs_is_refused(github, writer, made):
    store = github.store
    forks = store.add_commit("a fork's", store.add_tree([], "main"), [])
    with pytest.raises(ArtifactError, match=r"its base commit .* is not on main"):
        publish(made(base_commit=forks), HERE, writer, ())
    (comment,), refs, pulls = posted(github)
    assert "may not be posted" in comment
    assert (refs, pulls) == ([], [])


def test_github_down_for_long_is_told_and_goes_on_later(github, writer, made):
    github.faults.add("502", r"POST .*/pulls$", times=3)
    with pytest.raises(Unanswered):
        publish(made(), HERE, writer, ())
    publish(made(), HERE, writer, ())
    assert [len(things) for things in posted(github)] == [1, 1, 1]


NOTHING = {"outcome": "abstention", "patch": b"", "test_patch": b""}


@pytest.mark.parametrize("granted, counted", [(0.5, 0.5), (None, 5.0)])
def test_more_than_was_granted_is_not_counted(github, writer, made, granted, counted):
    if granted:
        say(writer, REPO, 1, "begun", run_id="run-1", run=Run(at="2026-11-29", cost=granted, ended=False))
    for _ in range(2):
        publish(made(**NOTHING, spending=Spending(cost=1e300)), HERE, writer, ())
    (comment,) = posted(github)[0]
    assert marker_of(comment).runs["run-1"].cost == counted
    assert f"${counted:.2f} are counted" in comment


def test_an_earlier_run_is_not_uncounted_by_a_later_ones_artifact(github, writer, made):
    say(writer, REPO, 1, "begun", run_id="run-0", run=Run(at="2026-11-29", cost=5.0))
    with pytest.raises(ArtifactError, match="it is of the run run-0"):
        publish_for(made(**NOTHING, run_id="run-0", spending=Spending(cost=0.0)), HERE, writer, ())
    assert marker_of(posted(github)[0][0]).runs["run-0"].cost == 5.0


@pytest.mark.parametrize("name", ["more.txt", "`@octocat` ghp_" + "a1" * 18])
def test_an_artifact_that_cannot_be_read_is_told(github, writer, made, tmp_path, name):
    say(writer, REPO, 1, "Runoff is working on this.")
    write_artifact(made(), tmp_path / "artifact")
    (tmp_path / "artifact" / name).touch()
    with pytest.raises(ArtifactError, match="no part of one"):
        publish_folder(tmp_path / "artifact", HERE, writer, ())
    (comment,) = posted(github)[0]
    assert "may not be posted" in comment
    assert "working" not in comment
    assert "ghp_" not in comment


def test_a_patch_beneath_a_file_is_one_refusal(github, writer, made):
    beneath = b"--- /dev/null\n+++ b/shop/price.py/x.py\n@@ -0,0 +1 @@\n+x = 1\n"
    with pytest.raises(ArtifactError, match=r"'shop/price.py' is no folder"):
        publish(made(patch=beneath, test_patch=b""), HERE, writer, ())
    (comment,), branches, pulls = posted(github)
    assert "``'shop/price.py' is no folder" in comment
    assert (branches, pulls) == ([], [])


@pytest.mark.parametrize(
    "text, shown",
    [
        ("y\n" * 30_000, ""),
        ("<details><summary>It</summary>\n\n````diff\n" + "y\n" * 29_000, "\n````\n\n</details>\n\n*The rest"),
        ("y" * 60_000, ""),
    ],
)
def test_the_comment_is_as_long_as_github_takes(text, shown):
    marker = Marker(runs={f"command-{number}": Run(at="2026-11-29", cost=0.05) for number in range(120)})
    body = marked(text, marker)
    assert LONGEST - 400 < len(body) <= LONGEST
    assert marker_of(body) == marker
    assert "The rest is left out" in body
    assert shown in body
    assert marked("short", marker).startswith("short\n\n<!-- runoff")
