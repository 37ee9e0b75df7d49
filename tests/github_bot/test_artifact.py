import json
import os

import pytest

from github_bot.artifact import MAX_PATCH, Artifact, Trigger, issue_digest, read_artifact, write_artifact
from github_bot.errors import ArtifactError

PATCH = b"--- a/a.py\n+++ b/a.py\n@@ -1 +1 @@\n-a = '\xff'\n+a = 1\n"


def artifact(**changes):
    values = {
        "repository": "octo/half",
        "issue": 7,
        "issue_digest": issue_digest("half is wrong", "It is 8."),
        "trigger": Trigger(kind="label", id="label-7-1", actor="maintainer"),
        "run_id": "issue-7",
        "base_branch": "main",
        "base_commit": "a" * 40,
        "branch": "runoff/issue-7",
        "outcome": "draft_pull_request",
        "title": "Fix half",
        "body": "It was 8.",
        "comment": "Done.",
        "patch": PATCH,
    }
    return Artifact(**{**values, **changes})


def test_an_artifact_comes_back_as_it_was_to_the_byte(tmp_path):
    made = artifact(test_patch=b"--- /dev/null\n+++ b/test_a.py\n@@ -0,0 +1 @@\n+assert 1\n")
    write_artifact(made, tmp_path)
    assert read_artifact(tmp_path) == made
    assert read_artifact(tmp_path).patch == PATCH


def test_checks_are_a_bots(tmp_path):
    made = artifact(trigger=Trigger(kind="checks", id="checks-1", actor="github-actions[bot]"))
    write_artifact(made, tmp_path)
    assert read_artifact(tmp_path).trigger.actor == "github-actions[bot]"


def test_an_earlier_artifacts_patch_does_not_stay(tmp_path):
    write_artifact(artifact(), tmp_path)
    write_artifact(artifact(outcome="abstention", patch=b""), tmp_path)
    assert read_artifact(tmp_path).patch == b""


def _link(folder):
    (folder / "fix.patch").unlink()
    (folder / "fix.patch").symlink_to("/etc/passwd")


def _linked_json(folder):
    (folder / "artifact.json").rename(folder.parent / "elsewhere.json")
    (folder / "artifact.json").symlink_to(folder.parent / "elsewhere.json")


def _fifo(folder):
    (folder / "fix.patch").unlink()
    os.mkfifo(folder / "fix.patch")


def _changed(**values):
    def change(folder):
        path = folder / "artifact.json"
        path.write_text(json.dumps({**json.loads(path.read_text()), **values}))

    return change


FORGERIES = {
    "link": _link,
    "linked json": _linked_json,
    "fifo": _fifo,
    "another file": lambda folder: (folder / "run.sh").write_text("id"),
    "a folder": lambda folder: (folder / ".git").mkdir(),
    "too large a patch": lambda folder: (folder / "fix.patch").write_bytes(b"x" * (MAX_PATCH + 1)),
    "too large": lambda folder: (folder / "artifact.json").write_text(" " * 600_000),
    "no json": lambda folder: (folder / "artifact.json").write_text("{"),
    "nested json": lambda folder: (folder / "artifact.json").write_text("[" * 100_000),
    "none": lambda folder: (folder / "artifact.json").unlink(),
    "unknown key": _changed(merge=True),
    "patch in the json": _changed(patch="--- a\n"),
    "another branch": _changed(branch="main"),
    "another issue's branch": _changed(branch="runoff/issue-8"),
    "another schema": _changed(schema_version=2),
    "strange repository": _changed(repository="../x"),
    "no commit": _changed(base_commit="HEAD"),
    "long text": _changed(comment="x" * 60_001),
    "two lines": _changed(title="a\nb"),
    "unknown outcome": _changed(outcome="approve"),
    "patch of an abstention": _changed(outcome="abstention"),
    "infinite cost": lambda folder: (folder / "artifact.json").write_text(
        (folder / "artifact.json").read_text().replace('"cost": null', '"cost": Infinity')
    ),
    "bot actor": _changed(trigger={"kind": "label", "id": "x", "actor": "dependabot[bot]"}),
}


@pytest.mark.parametrize("name", FORGERIES)
def test_a_forged_artifact_is_refused_in_one_line(tmp_path, name):
    folder = tmp_path / "artifact"
    write_artifact(artifact(), folder)
    FORGERIES[name](folder)
    with pytest.raises(ArtifactError) as refused:
        read_artifact(folder)
    assert "\n" not in str(refused.value)
    assert "nothing is published" in str(refused.value)
