"""A checkout becomes a task and gets its patch back; nothing of the user's changes unless asked."""

import io
import os
import subprocess
import threading

import pytest

from swebench_runs.checkouts import checkout, issue
from swebench_runs.errors import RunoffError, UsageError


def git(folder, *arguments):
    done = subprocess.run(
        ["git", "-c", "user.name=t", "-c", "user.email=t@t", *arguments], cwd=folder, capture_output=True, check=True
    )
    return done.stdout.decode()


@pytest.fixture
def repository(tmp_path):
    root = tmp_path / "my project"
    (root / "pkg").mkdir(parents=True)
    (root / "pkg/mod.py").write_text("def f():\n    return 1\n")
    (root / ".gitignore").write_text("*.secret\n")
    git(root, "init", "-q")
    git(root, "add", ".")
    git(root, "commit", "-q", "-m", "history")
    (root / "pkg/mod.py").write_text("def f():\n    return 2  # local change\n")
    (root / "new.py").write_text("x = 1\n")
    (root / "key.secret").write_text("s")
    return root


def state(root):
    status = git(root, "status", "--porcelain", "--ignored")
    return status, {
        p.relative_to(root): p.read_bytes() for p in root.rglob("*") if p.is_file() and ".git/" not in str(p)
    }


def test_local_changes_are_in_the_copy_and_history_and_secrets_are_not(repository, tmp_path):
    before = state(repository)
    task = checkout.task_of(repository, "It breaks.", tmp_path / "layer")
    tree = tmp_path / "layer/testbed"
    assert (tree / "pkg/mod.py").read_text().endswith("# local change\n")
    assert (tree / "new.py").exists()
    assert not (tree / "key.secret").exists()
    assert git(tree, "rev-list", "--all").split() == [task.base_commit]
    assert task.repo == "my-project"
    assert state(repository) == before


@pytest.mark.parametrize(
    "files, path, version",
    [
        ({"pyproject.toml": '[project]\nname = "My-Pkg"\nversion = "1.2"\n'}, "My_Pkg.egg-info", "1.2"),
        ({"pyproject.toml": '[tool.poetry]\nname = "p"\nversion = "2.0"\n'}, "p.egg-info", "2.0"),
        ({"setup.cfg": "[metadata]\nname = p\nversion = attr: p.x\n"}, "p.egg-info", "0.0.0"),
        ({"setup.py": "setup(name='p', version=f())", "src/p.py": ""}, "src/p.egg-info", "0.0.0"),
    ],
)
def test_the_copy_knows_its_own_version(tmp_path, files, path, version):
    for name, text in files.items():
        (tmp_path / "project" / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / "project" / name).write_text(text)
    checkout.task_of(tmp_path / "project", "x", tmp_path / "layer")
    assert f"Version: {version}\n" in (tmp_path / "layer/testbed" / path / "PKG-INFO").read_text()
    assert sorted(p.name for p in tmp_path.iterdir()) == ["layer", "project"]


@pytest.mark.parametrize("name", ["../../evil", "a/b", "", ".."])
def test_a_name_cannot_write_elsewhere(tmp_path, name):
    (tmp_path / "project").mkdir()
    (tmp_path / "project/pyproject.toml").write_text(f'[project]\nname = "{name}"\n')
    checkout.task_of(tmp_path / "project", "x", tmp_path / "layer")
    assert not list(tmp_path.rglob("*.egg-info"))


def test_a_link_in_its_place_is_not_written_through(tmp_path):
    outside = tmp_path / "outside"
    outside.mkdir()
    (tmp_path / "project").mkdir()
    (tmp_path / "project/pyproject.toml").write_text('[project]\nname = "p"\n')
    (tmp_path / "project/p.egg-info").symlink_to(outside)
    checkout.task_of(tmp_path / "project", "x", tmp_path / "layer")
    assert not list(outside.iterdir())


def test_the_same_tree_and_issue_are_the_same_task(repository, tmp_path):
    ids = [checkout.task_of(repository, s, tmp_path / n).instance_id for n, s in [("a", "x"), ("b", "x"), ("c", "y")]]
    assert ids[0] == ids[1] != ids[2]


def test_a_patch_is_applied_to_the_changed_tree(repository):
    patch = (
        "diff --git a/pkg/mod.py b/pkg/mod.py\n--- a/pkg/mod.py\n+++ b/pkg/mod.py\n@@ -1,2 +1,2 @@\n def f():\n"
        "-    return 2  # local change\n+    return 3\n"
    )
    checkout.apply(repository, patch)
    assert (repository / "pkg/mod.py").read_text() == "def f():\n    return 3\n"
    before = state(repository)
    with pytest.raises(RunoffError, match="does not apply"):
        checkout.apply(repository, patch)
    assert state(repository) == before


def test_the_top_of_the_checkout_is_found_from_inside(repository):
    assert checkout.root_of(repository / "pkg") == repository


def test_what_is_no_source_tree_is_refused(tmp_path):
    with pytest.raises(UsageError, match="not a folder"):
        checkout.root_of(tmp_path / "absent")
    (tmp_path / "empty").mkdir()
    with pytest.raises(UsageError, match="0 files"):
        checkout.root_of(tmp_path / "empty")


def test_a_url_is_cloned_without_its_history(repository, tmp_path):
    url = repository.as_uri()
    assert checkout.is_url(url)
    copy = checkout.clone(url, tmp_path / "copy")
    assert (copy / "pkg/mod.py").read_text() == "def f():\n    return 1\n"


@pytest.mark.parametrize(
    ("url", "name"),
    [
        ("https://github.com/pallets/flask.git", "flask"),
        ("git@github.com:pallets/flask", "flask"),
        ("file:///srv/a%20b/", "a-20b"),
        ("https://example.org/..", "clone"),
    ],
)
def test_a_url_names_its_repository(url, name):
    assert checkout.name_of(url) == name


@pytest.mark.parametrize("url", ["file:///nowhere/at/all", "ext::sh -c 'touch%20ran'", "--upload-pack=touch ran"])
def test_a_repository_that_cannot_be_cloned_is_one_line_and_runs_nothing(tmp_path, url):
    with pytest.raises(RunoffError, match="cannot clone") as caught:
        checkout.clone(url, tmp_path / "copy")
    assert "\n" not in str(caught.value)
    assert not (tmp_path / "ran").exists()


def test_paths_are_no_urls():
    assert not any(map(checkout.is_url, ["/a/b", "a/b", ".", "C:/x"]))
    assert all(map(checkout.is_url, ["https://github.com/a/b", "git@github.com:a/b.git", "ssh://h/x"]))


ODD_ISSUES = [
    *("  Ver\u00e4ndert: 1 \u20ac\n".encode(name) for name in ("utf-8", "utf-8-sig", "utf-16", "cp1252", "utf-16-le")),
    "\x1b[31mVer\u00e4ndert:\x1b]0;title\x07 1 \u20ac\u202e\n".encode(),
]


@pytest.mark.parametrize("raw", ODD_ISSUES)
def test_an_issue_is_read_from_a_file_or_standard_input_whatever_its_encoding(tmp_path, monkeypatch, raw):
    (tmp_path / "i.md").write_bytes(raw)
    monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(raw), encoding="ascii"))
    assert issue.read_issue(str(tmp_path / "i.md")) == issue.read_issue("-") == "Ver\u00e4ndert: 1 \u20ac"


@pytest.mark.parametrize("text", ["", " \n", "\ufeff\x1b[0m", "x" * 200_001, "\u20ac" * 200_001])
def test_an_empty_or_endless_issue_is_refused(tmp_path, text):
    (tmp_path / "i.md").write_text(text)
    with pytest.raises(UsageError):
        issue.read_issue(str(tmp_path / "i.md"))


@pytest.mark.parametrize("source", ["absent.md", "https://example.org/issues/1", "https://github.com/a/b/pull/1"])
def test_an_issue_that_is_nowhere_is_refused(source):
    with pytest.raises(UsageError):
        issue.read_issue(source)


def evil_filters(root, tmp_path):
    """Let the repository name a program for all of its files; what it runs leaves a mark."""
    program = tmp_path / "program.sh"
    program.write_text(f"#!/bin/sh\ntouch {tmp_path}/PWNED\ncat\n")
    program.chmod(0o755)
    (root / ".gitattributes").write_text("* filter=evil text eol=crlf\n")
    for key in ("filter.evil.clean", "filter.evil.smudge"):
        git(root, "config", key, str(program))
    return tmp_path / "PWNED"


MOD = "diff --git a/pkg/mod.py b/pkg/mod.py\n--- a/pkg/mod.py\n+++ b/pkg/mod.py\n@@ -1,2 +1,2 @@\n def f():\n"
MOD += "-    return 2  # local change\n+    return 3\n"


def test_a_patch_is_applied_without_filters_that_the_checkout_names(repository, tmp_path):
    mark = evil_filters(repository, tmp_path)
    checkout.apply(repository, MOD)
    assert (repository / "pkg/mod.py").read_bytes() == b"def f():\n    return 3\n"
    assert not mark.exists()


def test_a_patch_that_cannot_be_written_whole_is_not_written_at_all(repository):
    (repository / "zz").write_text("in the way of a folder\n")
    new = "diff --git a/{0} b/{0}\nnew file mode 100644\n--- /dev/null\n+++ b/{0}\n@@ -0,0 +1 @@\n+new\n"
    before = state(repository)
    with pytest.raises(RunoffError, match="does not apply"):
        checkout.apply(repository, MOD + new.format("aa.py") + new.format("zz/inner.py"))
    assert state(repository) == before


def test_what_was_written_of_a_patch_is_taken_back_when_the_rest_fails(repository, monkeypatch):
    """The disk fills up half-way: the first two files are written when git gives up."""

    def half(root, patch):
        (root / "pkg/mod.py").unlink()
        (root / "aa.py").write_text("half")
        raise checkout.RepositoryError("no space left on device")

    new = "diff --git a/aa.py b/aa.py\nnew file mode 100644\n--- /dev/null\n+++ b/aa.py\n@@ -0,0 +1 @@\n+new\n"
    (repository / "pkg/mod.py").chmod(0o755)
    before = state(repository)
    monkeypatch.setattr(checkout.foreign, "apply_to", half)
    with pytest.raises(RunoffError, match="no space left"):
        checkout.apply(repository, MOD + new)
    assert state(repository) == before
    assert os.access(repository / "pkg/mod.py", os.X_OK)


def test_a_url_is_cloned_without_filters_of_the_users_for_its_files(repository, tmp_path, monkeypatch):
    mark = evil_filters(repository, tmp_path)
    git(repository, "add", ".gitattributes")
    git(repository, "commit", "-qm", "attributes")
    mark.unlink()
    (tmp_path / "gitconfig").write_text(f'[filter "evil"]\n\tsmudge = {tmp_path}/program.sh\n')
    (tmp_path / "home").mkdir()
    (tmp_path / "gitconfig").rename(tmp_path / "home" / ".gitconfig")
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    copy = checkout.clone(repository.as_uri(), tmp_path / "copy")
    assert (copy / "pkg/mod.py").read_bytes() == b"def f():\n    return 1\n"
    assert not mark.exists()


def test_what_was_taken_for_the_root_is_said(repository, caplog):
    assert checkout.root_of(repository / "pkg") == repository
    assert f"taken for the project's root: {repository}, the repository that" in caplog.text
    caplog.clear()
    assert checkout.root_of(repository) == repository
    assert not caplog.text


@pytest.mark.parametrize("ignored", ["nested/\n", ""])
def test_a_folder_that_the_repository_around_it_does_not_have_is_a_project_of_its_own(repository, ignored, caplog):
    (repository / ".gitignore").write_text(ignored)
    (repository / "nested/deep").mkdir(parents=True)
    (repository / "nested/deep/m.py").write_text("")
    root = checkout.root_of(repository / "nested")
    assert root == repository / "nested"
    assert f"taken for the project's root: {root}" in caplog.text


def test_a_bare_repository_is_refused_in_one_line(repository, tmp_path):
    git(tmp_path, "clone", "-q", "--bare", str(repository), str(tmp_path / "bare"))
    for place in (tmp_path / "bare", repository / ".git", repository / ".git/refs"):
        with pytest.raises(UsageError, match="without a work tree"):
            checkout.root_of(place)


def test_a_damaged_checkout_is_one_line(repository, tmp_path):
    (repository / ".git/index").write_text("garbage")
    with pytest.raises(RunoffError, match=r"git cannot list the files of .* git reset"):
        checkout.root_of(repository)
    with pytest.raises(RunoffError, match=r"git cannot list the files of .* git reset"):
        checkout.task_of(repository, "x", tmp_path / "layer")


def test_a_tree_of_endless_files_is_refused(repository):
    with (repository / "hole").open("wb") as file:
        file.truncate(1 << 40)
    with pytest.raises(UsageError, match="MiB of files"):
        checkout.root_of(repository)


def test_an_issue_is_read_from_a_stream_and_never_waited_for(tmp_path, monkeypatch):
    monkeypatch.setattr(issue, "TIMEOUT", 5.0)
    os.mkfifo(tmp_path / "pipe")
    writer = threading.Thread(target=(tmp_path / "pipe").write_text, args=("Broken",))
    writer.start()
    assert issue.read_issue(str(tmp_path / "pipe")) == "Broken"
    writer.join()
    monkeypatch.setattr(issue, "TIMEOUT", 0.1)
    with pytest.raises(UsageError, match="did not arrive"):
        issue.read_issue(str(tmp_path / "pipe"))
    with pytest.raises(UsageError, match="longer than"):
        issue.read_issue("/dev/zero")


def test_the_patch_of_an_earlier_time_is_no_part_of_the_task(repository, tmp_path, monkeypatch):
    first = checkout.task_of(repository, "x", tmp_path / "a").instance_id
    (repository / "out.patch").write_text("made by the first time")
    monkeypatch.chdir(repository / "pkg")
    output = checkout.own_output(repository, checkout.Path("../out.patch"))
    assert checkout.task_of(repository, "x", tmp_path / "b", "", output).instance_id == first
    assert checkout.task_of(repository, "x", tmp_path / "c").instance_id != first
    assert checkout.own_output(repository, checkout.Path("mod.py")) == frozenset()  # tracked: part of the task
    assert checkout.own_output(repository, tmp_path / "elsewhere") == frozenset()
    assert checkout.own_output(repository, None) == frozenset()


def test_a_binary_file_is_no_issue(tmp_path):
    (tmp_path / "issue").write_bytes(b"\0\1\2\xff" * 9)
    with pytest.raises(UsageError, match="is no text"):
        issue.read_issue(str(tmp_path / "issue"))
