"""Phase two killed (-9) by the stand-in in the middle, and run again: nothing is there twice."""

import signal
import subprocess
import sys

import pytest
from publishable import artifact

from acceptance.record import ROOT
from github_bot.artifact import write_artifact
from github_bot.marker import marker_of

PUBLISH = """
import sys
from pathlib import Path
from github_bot.github.sign_in import by_token
from github_bot.publish import Target, publish_folder
folder, api, token = sys.argv[1:]
sys.stdin.readline()
with by_token(token, api=api, patience=0.01) as client:
    publish_folder(Path(folder), Target("octo/shop", 1, "run-1"), client, ())
"""


@pytest.mark.parametrize(
    "kind, request_", [("kill-after", r"POST .*/git/refs$"), ("kill-before", r"POST .*/comments$")]
)
def test_a_kill_in_the_middle(github, tmp_path, kind, request_):
    write_artifact(artifact(github.store.refs()["refs/heads/main"]), tmp_path / "artifact")
    token = github.state.token("bot", contents="write", issues="write", pull_requests="write")
    command = [sys.executable, "-c", PUBLISH, str(tmp_path / "artifact"), github.url, token]
    for killed in (True, False):
        process = subprocess.Popen(command, cwd=ROOT, stdin=subprocess.PIPE, text=True)
        if killed:
            github.faults.add(kind, request_, pid=process.pid)
        process.communicate("go\n")
        assert process.returncode == (-signal.SIGKILL if killed else 0)
    (comment,) = github.state.issues[1].comments
    assert [run.cost for run in marker_of(comment.body).runs.values()] == [1.25]
    assert len(github.state.pulls) == 1
    assert github.store.git("rev-list", "--count", "main..runoff/issue-1").decode() == "2\n"
