"""git in somebody's checkout: nothing that the repository names is run, read or reached, and refusals are one line."""

import hashlib
import os
import shutil
import socket
import subprocess
from contextlib import nullcontext, suppress

import pytest

from environments.errors import RepositoryError
from environments.host_git import run_git
from environments.trees.foreign import apply_to, checkout_at, disowns, is_bare, is_changed
from environments.trees.survey import RUN_MARK, survey
from environments.trees.worktree import files, one_commit

PATCH = b"diff --git a/a.py b/a.py\n--- a/a.py\n+++ b/a.py\n@@ -1 +1 @@\n-x = 1\n+x = 2\n"


def git(folder, *arguments):
    identity = ("-c", "user.name=a", "-c", "user.email=a@b", "-c", "protocol.file.allow=always")
    return subprocess.run(["git", *identity, *arguments], cwd=folder, capture_output=True, check=True, text=True).stdout


@pytest.fixture
def root(tmp_path):
    root = tmp_path / "checkout"
    (root / "hidden" / "deep").mkdir(parents=True)
    (root / "pkg").mkdir()
    (root / "a.py").write_text("x = 1\n")
    (root / "pkg" / "b.py").write_text("y = 1\n")
    (root / "hidden" / "deep" / "f").write_text("z\n")
    git(root, "init", "-q")
    git(root, "add", "-A")
    git(root, "commit", "-qm", "first")
    return root


@pytest.fixture
def mark(tmp_path):
    return tmp_path / "PWNED"


@pytest.fixture
def program(tmp_path, mark):
    path = tmp_path / "program.sh"
    path.write_text(f"#!/bin/sh\necho $0 $* >> {mark}\ncat\n")
    path.chmod(0o755)
    return path


def monitor(root, program):
    git(root, "config", "core.fsmonitor", str(program))


def filters(root, program):
    (root / ".gitattributes").write_text("* filter=evil diff=evil merge=evil\n")
    (root / ".git" / "info" / "attributes").write_text("* filter=evil\n")
    for key in ("filter.evil.clean", "filter.evil.smudge", "diff.evil.command", "diff.evil.textconv", "diff.external"):
        git(root, "config", key, str(program))


def hooks(root, program):
    git(root, "config", "core.hooksPath", str(program.parent / "hooks"))
    for folder in (program.parent / "hooks", root / ".git" / "hooks"):
        folder.mkdir(exist_ok=True)
        for name in ("post-index-change", "pre-commit", "post-checkout", "reference-transaction"):
            shutil.copy(program, folder / name)


def included(root, program):
    other = program.parent / "other.config"
    other.write_text(f"[core]\n\tfsmonitor = {program}\n[alias]\n\tls-files = !{program}\n\tapply = !{program}\n")
    git(root, "config", "include.path", str(other))


def promisor(root, program):
    tree = git(root, "rev-parse", "HEAD:hidden").strip()
    git(root, "sparse-checkout", "set", "--cone", "--sparse-index", "pkg")
    git(root, "config", "core.repositoryformatversion", "1")
    for key, value in {
        "extensions.partialClone": "origin",
        "remote.origin.promisor": "true",
        "remote.origin.url": str(root / "nowhere"),
        "remote.origin.uploadpack": str(program),
    }.items():
        git(root, "config", key, value)
    (root / ".git" / "objects" / tree[:2] / tree[2:]).unlink()


NAMED = [monitor, filters, hooks, included, promisor]


@pytest.mark.parametrize("name", NAMED, ids=lambda name: name.__name__)
def test_no_program_that_a_repository_names_is_run(root, program, mark, tmp_path, name):
    name(root, program)
    mark.unlink(missing_ok=True)  # the test's own git may have run some
    with suppress(RepositoryError) if name is promisor else nullcontext():  # what it left out is not fetched
        one_commit(root, tmp_path / "copy")
    apply_to(root, PATCH)
    assert (root / "a.py").read_text() == "x = 2\n"
    assert not mark.exists()


def test_whether_a_checkout_is_changed_is_told_without_its_filters(root, program, mark):
    filters(root, program)
    mark.unlink(missing_ok=True)
    commit = git(root, "rev-parse", "HEAD").strip()
    assert not is_changed(checkout_at(root), commit, ["."])
    (root / "a.py").write_text("x = 3\n")
    assert is_changed(checkout_at(root), commit, ["."])
    assert not is_changed(checkout_at(root), commit, [".", ":(exclude)a.py"])
    assert not mark.exists()


def test_a_sparse_index_of_ones_own_is_listed(root):
    git(root, "sparse-checkout", "set", "--cone", "--sparse-index", "pkg")
    assert files(root) == ["a.py", "pkg/b.py"]


def test_another_root_that_the_configuration_names_is_not_heeded(root, tmp_path):
    (tmp_path / "secret").mkdir()
    (tmp_path / "secret" / "key").write_text("s")
    git(root, "config", "core.worktree", str(tmp_path / "secret"))
    assert "key" not in files(root)
    assert "a.py" in files(root)


def test_excludes_that_the_configuration_names_are_not_heeded_and_the_users_own_are(root, tmp_path, monkeypatch):
    (tmp_path / "evil").write_text("*.py\n")
    git(root, "config", "core.excludesFile", str(tmp_path / "evil"))
    (root / "new.py").write_text("")
    (root / "private.txt").write_text("")
    (root / "mine.bak").write_text("")
    (root / ".git" / "info" / "exclude").write_text("private.txt\n")
    (tmp_path / "home" / ".config" / "git").mkdir(parents=True)
    (tmp_path / "home" / ".config" / "git" / "ignore").write_text("*.bak\n")
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    monkeypatch.delenv("XDG_CONFIG_HOME", raising=False)
    assert "new.py" in files(root)
    assert not {"private.txt", "mine.bak"} & set(files(root))


def test_variables_of_git_are_dropped(root, tmp_path, monkeypatch):
    for name, value in {"GIT_DIR": tmp_path, "GIT_INDEX_FILE": tmp_path / "i", "GIT_WORK_TREE": tmp_path}.items():
        monkeypatch.setenv(name, str(value))
    assert "a.py" in files(root)


def write_index(root, mode, name):
    """Write an index with one entry as no git would write it: version 2, all times and sizes zero."""
    entry = bytes(24) + mode.to_bytes(4) + bytes(12) + bytes.fromhex("11" * 20) + len(name).to_bytes(2) + name
    content = b"DIRC" + (2).to_bytes(4) + (1).to_bytes(4) + entry + bytes(8 - len(entry) % 8)
    (root / ".git" / "index").write_bytes(content + hashlib.sha1(content).digest())


@pytest.mark.parametrize("name", ["../secret/key", "../secret", "{}/secret/key", "{}/secret", "l/key", "l/inner", "l"])
@pytest.mark.parametrize("mode", [0o100644, 0o160000])
def test_a_name_in_the_index_leads_nowhere_else(root, tmp_path, name, mode):
    (tmp_path / "secret" / "inner").mkdir(parents=True)
    for place in ("key", "inner/key"):
        (tmp_path / "secret" / place).write_text("TOP SECRET")
    (root / "l").symlink_to(tmp_path / "secret")
    write_index(root, mode, name.format(tmp_path).encode())
    one_commit(root, tmp_path / "copy")
    for path in (tmp_path / "copy").rglob("*"):
        assert path.is_symlink() or path.is_dir() or b"TOP SECRET" not in path.read_bytes()
    assert {path.name for path in tmp_path.iterdir()} == {"checkout", "copy", "secret"}


def test_what_is_no_file_is_left_out_and_named(root, tmp_path, caplog, monkeypatch):
    os.mkfifo(root / "pipe.py")
    (root / "a.py").unlink()
    os.mkfifo(root / "a.py")
    with socket.socket(socket.AF_UNIX) as listening:
        monkeypatch.chdir(root)
        listening.bind("s.py")
        (root / "dangling.py").symlink_to("nowhere")
        (root / "endless.py").symlink_to("/proc/self/pagemap")
        one_commit(root, tmp_path / "copy")
    assert "'a.py' is a FIFO" in caplog.text
    assert sorted(p.name for p in (tmp_path / "copy").iterdir() if p.name.endswith(".py")) == [
        "dangling.py",
        "endless.py",
    ]


def test_odd_things_of_a_plain_folder_are_left_out_and_named(tmp_path, caplog):
    (tmp_path / "plain").mkdir()
    os.mkfifo(tmp_path / "plain" / "pipe\x1b[2J")
    (tmp_path / "plain" / "a.py").write_text("")
    one_commit(tmp_path / "plain", tmp_path / "copy")
    assert "is a FIFO" in caplog.text
    assert "\x1b" not in caplog.text
    assert [p.name for p in (tmp_path / "copy").iterdir() if p.name != ".git"] == ["a.py"]


def gone(root):
    shutil.rmtree(root / ".git")
    (root / ".git").write_text("gitdir: /gone/.git/worktrees/wt\n")


def garbage_index(root):
    (root / ".git" / "index").write_text("garbage")


def index_is_a_link(root):
    (root / ".git" / "index").unlink()
    (root / ".git" / "index").symlink_to("/etc/passwd")


def index_is_a_fifo(root):
    (root / ".git" / "index").unlink()
    os.mkfifo(root / ".git" / "index")


def gone_submodule(root):
    (root / "vendor").mkdir()
    (root / "vendor" / ".git").write_text("gitdir: ../.git/modules/vendor\n")
    git(root, "update-index", "--add", "--cacheinfo", f"160000,{git(root, 'rev-parse', 'HEAD').strip()},vendor")


def damaged_config(root):
    (root / ".git" / "config").write_text("[core\nnonsense")


def newer_format(root):
    git(root, "config", "core.repositoryformatversion", "99")


@pytest.mark.parametrize(
    "damage",
    [gone, garbage_index, index_is_a_link, index_is_a_fifo, gone_submodule, damaged_config, newer_format],
    ids=lambda damage: damage.__name__,
)
def test_a_damaged_repository_is_one_line(root, tmp_path, damage):
    damage(root)
    with pytest.raises(RepositoryError) as error:
        one_commit(root, tmp_path / "copy")
    assert "\n" not in str(error.value)
    assert str(root) in str(error.value)


def test_an_unborn_branch_and_a_sha256_repository_are_read(tmp_path):
    for name, options in {"unborn": (), "sha256": ("--object-format=sha256",)}.items():
        (tmp_path / name).mkdir()
        (tmp_path / name / "a.py").write_text("")
        git(tmp_path / name, "init", "-q", *options)
        assert files(tmp_path / name) == ["a.py"]
        git(tmp_path / name, "add", "a.py")
        assert files(tmp_path / name) == ["a.py"]


def test_another_users_repository_is_refused_unless_the_user_allows_it(root, tmp_path, monkeypatch):
    if os.geteuid() != 0:
        pytest.skip("only root can give a folder away")
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.delenv("SUDO_UID", raising=False)
    for path in (root, root / ".git"):
        os.chown(path, 12345, 12345)
    with pytest.raises(RepositoryError, match=r"belongs to another user.*git config --global --add safe.directory"):
        files(root)
    (tmp_path / ".gitconfig").write_text(f"[safe]\n\tdirectory = {root}\n")
    assert "a.py" in files(root)


def test_a_folder_that_the_repository_around_it_ignores_is_none_of_its(root):
    for name in ("ignored", "untracked"):
        (root / name).mkdir()
        (root / name / "m.py").write_text("")
    (root / ".gitignore").write_text("ignored\n")
    checkout = checkout_at(root)
    assert disowns(checkout, root / "ignored")
    assert disowns(checkout, root / "untracked")
    assert not disowns(checkout, root / "pkg")
    git(root, "rm", "-rq", "--cached", ".")
    assert disowns(checkout, root / "ignored")
    assert not disowns(checkout, root / "untracked")


def test_a_repository_itself_is_told(root):
    assert is_bare(root / ".git")
    assert not is_bare(root)


def test_a_run_in_a_plain_folder_is_no_part_of_it(tmp_path):
    (tmp_path / "runs" / "one").mkdir(parents=True)
    (tmp_path / "runs" / "one" / "run.yaml").write_text("")
    (tmp_path / "a.py").write_text("")
    assert "runs/one/run.yaml" in survey(tmp_path).names
    (tmp_path / "runs" / "one" / ".gitignore").write_text(RUN_MARK)
    assert survey(tmp_path).names == ("a.py",)


def test_git_is_bounded_in_time_and_output(root, tmp_path, monkeypatch):
    endless = tmp_path / "bin" / "git"
    endless.parent.mkdir()
    endless.write_text("#!/bin/sh\nsleep 600 & echo $! > child; wait\n")
    endless.chmod(0o755)
    monkeypatch.setattr("environments.host_git.MAX_OUTPUT", 2)
    with pytest.raises(RepositoryError, match="said over 0 MiB"):
        run_git(root, "version")
    monkeypatch.setenv("PATH", f"{endless.parent}:{os.environ['PATH']}")
    with pytest.raises(RepositoryError, match="took over"):
        run_git(root, "version", timeout=0.5)


def test_no_git_and_no_more_processes_are_one_line(root, monkeypatch):
    def full(*_, **__):
        raise BlockingIOError(11, "Resource temporarily unavailable")

    with monkeypatch.context() as patched:
        patched.setattr(subprocess, "Popen", full)
        with pytest.raises(RepositoryError, match="too many processes"):
            files(root)
    monkeypatch.setenv("PATH", "/nowhere")
    with pytest.raises(RepositoryError, match="install git"):
        files(root)


def test_an_unreadable_folder_is_one_line(root):
    with pytest.raises(RepositoryError, match=r"git cannot be run in .*: No such file"):
        run_git(root / "none", "version")
