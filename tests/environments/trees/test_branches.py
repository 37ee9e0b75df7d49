"""A patch becomes a commit on a new branch, and nothing else of the repository changes or runs."""

import shutil
import subprocess

import pytest

from environments.trees.branches import BranchError, commit_on_branch, head_for
from environments.trees.foreign import checkout_at

PATCH = b"--- a/m.py\n+++ b/m.py\n@@ -1,2 +1,2 @@\n def f():\n-    return 1\n+    return 2\n"
NEW = (
    b"diff --git a/tests/test_m.py b/tests/test_m.py\nnew file mode 100644\n"
    b"--- /dev/null\n+++ b/tests/test_m.py\n@@ -0,0 +1 @@\n+x = 1\n"
)


def git(root, *arguments):
    return subprocess.run(["git", *arguments], cwd=root, capture_output=True, check=True, text=True).stdout


@pytest.fixture
def root(tmp_path):
    root = tmp_path / "a project"
    root.mkdir()
    (root / "m.py").write_text("def f():\n    return 1\n")
    (root / "other.py").write_text("a = 1\n")
    git(root, "init", "-q", "-b", "main")
    git(root, "config", "user.name", "Ann")
    git(root, "config", "user.email", "ann@example.org")
    git(root, "add", ".")
    git(root, "commit", "-q", "-m", "start")
    return root


def everything(root):
    left_out = (".git/objects", ".git/refs", ".git/logs")
    files = (path for path in root.rglob("*") if path.is_file())
    return {p: p.read_bytes() for p in files if not p.relative_to(root).as_posix().startswith(left_out)}


def test_a_commit_on_top_of_head_and_dirty_files_index_and_head_as_they_were(root):
    (root / "other.py").write_text("a = 2\n")
    git(root, "add", "other.py")
    (root / "untracked.py").write_text("x\n")
    before, head = everything(root), git(root, "rev-parse", "HEAD")
    made = commit_on_branch(checkout_at(root), "fix/one", PATCH + NEW, "Fix: it\n\nWhy.\n")
    assert everything(root) == before
    assert git(root, "rev-parse", "fix/one").strip() == made
    assert git(root, "rev-parse", "fix/one^", "HEAD") == head * 2
    assert git(root, "show", "--stat", "--format=%an <%ae>%n%B", "fix/one").splitlines()[:4] == [
        *("Ann <ann@example.org>", "Fix: it", "", "Why."),
    ]
    assert git(root, "diff", "--name-only", "main", "fix/one").split() == ["m.py", "tests/test_m.py"]
    assert git(root, "fsck", "--strict") == ""


def test_no_hook_filter_or_monitor_of_the_repository_runs(root, tmp_path):
    mark = tmp_path / "ran"
    for name in ("reference-transaction", "pre-commit", "post-commit", "commit-msg", "post-index-change"):
        (root / ".git/hooks").mkdir(exist_ok=True)
        (root / ".git/hooks" / name).write_text(f"#!/bin/sh\ntouch {mark}\n")
        (root / ".git/hooks" / name).chmod(0o755)
    git(root, "config", "core.fsmonitor", f"touch {mark}")
    git(root, "config", "filter.x.clean", f"touch {mark}; cat")
    git(root, "config", "filter.x.smudge", f"touch {mark}; cat")
    (root / ".git/info").mkdir(exist_ok=True)
    (root / ".git/info/attributes").write_text("* filter=x\n")
    mark.unlink(missing_ok=True)
    commit_on_branch(checkout_at(root), "b", PATCH, "m")
    assert not mark.exists()
    assert git(root, "show", "b:m.py") == "def f():\n    return 2\n"


@pytest.mark.parametrize(
    "name, told",
    [
        ("main", "there is a branch main"),
        ("main/x", "there is a branch main"),
        ("old", "there are branches below old/"),
        ("a b", "no name for a branch"),
        ("-f", "no name for a branch"),
        ("HEAD", "no name for a branch"),
        ("../../x", "no name for a branch"),
    ],
)
def test_a_name_that_is_taken_or_none_is_refused_in_one_line(root, name, told):
    git(root, "branch", "old/one")
    with pytest.raises(BranchError, match=told) as refused:
        head_for(checkout_at(root), name)
    assert "\n" not in str(refused.value)


def test_a_patch_that_builds_on_uncommitted_changes_makes_no_branch(root):
    with pytest.raises(BranchError, match="builds on changes that are not committed"):
        commit_on_branch(checkout_at(root), "b", PATCH.replace(b"return 1", b"return 7"), "m")
    assert git(root, "branch", "--format=%(refname:short)") == "main\n"


def test_a_repository_without_a_commit_has_nothing_to_begin_at(tmp_path):
    git(tmp_path, "init", "-q")
    with pytest.raises(BranchError, match="no commit yet"):
        head_for(checkout_at(tmp_path), "b")


def test_a_linked_work_tree_and_a_shallow_clone_get_their_branch(root, tmp_path):
    git(root, "commit", "-q", "--allow-empty", "-m", "second")
    git(root, "worktree", "add", "-q", str(tmp_path / "linked"), "-b", "linked")
    git(tmp_path, "clone", "-q", "--depth=1", f"file://{root}", "shallow")
    for place in (tmp_path / "linked", tmp_path / "shallow"):
        made = commit_on_branch(checkout_at(place), "b", PATCH, "m")
        assert git(place, "rev-parse", "b").strip() == made
    assert git(root, "rev-parse", "b^") == git(root, "rev-parse", "linked")


@pytest.mark.parametrize(
    "link", ["refs/heads/fix", "logs/refs/heads", "logs/refs/heads/fix", "logs/refs/heads/fix/one", "logs"]
)
def test_git_writes_through_no_link_of_the_repository(root, tmp_path, link):
    elsewhere = tmp_path / "elsewhere"
    (elsewhere / "fix").mkdir(parents=True)
    (elsewhere / "one").write_text("mine\n")
    place = root / ".git" / link
    if place.is_dir():
        shutil.rmtree(place)
    place.parent.mkdir(parents=True, exist_ok=True)
    place.symlink_to(elsewhere / "one" if link.endswith("one") else elsewhere)
    before = sorted(elsewhere.rglob("*"))
    with pytest.raises(BranchError, match="link"):
        commit_on_branch(checkout_at(root), "fix/one", PATCH, "Fix it")
    assert sorted(elsewhere.rglob("*")) == before
    assert (elsewhere / "one").read_text() == "mine\n"
