import os
import shutil
import subprocess
from pathlib import Path

import pytest

from environments.trees.worktree import files, one_commit, tree_id


def git(folder, *arguments):
    done = subprocess.run(["git", "-c", "safe.directory=*", *arguments], cwd=folder, capture_output=True, check=True)
    return done.stdout.decode().strip()


def write(folder, **contents):
    for name, content in contents.items():
        (folder / name).write_text(content)


@pytest.fixture
def source(tmp_path):
    tree = tmp_path / "source"
    (tree / "pkg").mkdir(parents=True)
    (tree / "pkg" / "code.py").write_bytes(b"x = 1\r\ny = '\xff'")
    (tree / "run.sh").write_text("#!/bin/sh\n")
    (tree / "run.sh").chmod(0o700)
    (tree / "link").symlink_to("pkg/code.py")
    (tree / ".gitattributes").write_text("* text=auto eol=lf ident\n")
    (tree / ".gitignore").write_text("ignored.txt\n")
    (tree / "ignored.txt").write_text("data of the sdist\n")
    return tree


def checkout(tree):
    git(tree, "init", "-q")
    git(tree, "add", "-A")
    git(tree, "-c", "user.name=a", "-c", "user.email=a@b", "commit", "-qm", "first")
    return tree


def test_the_id_depends_on_the_files_alone(source, tmp_path, monkeypatch):
    first = one_commit(source, tmp_path / "a")
    os.utime(source / "run.sh", (1, 1))
    monkeypatch.setenv("GIT_AUTHOR_NAME", "someone else")
    assert one_commit(source, tmp_path / "b") == first == git(tmp_path / "a", "rev-parse", "HEAD")
    (source / "run.sh").chmod(0o644)
    assert one_commit(source, tmp_path / "c") != first


def test_bytes_modes_and_links_are_kept_and_the_tree_is_clean(source, tmp_path):
    one_commit(source, tmp_path / "a")
    copied = tmp_path / "a"
    assert (copied / "pkg" / "code.py").read_bytes() == (source / "pkg" / "code.py").read_bytes()
    assert os.access(copied / "run.sh", os.X_OK)
    assert not os.access(copied / "pkg" / "code.py", os.X_OK)
    assert (copied / "link").readlink() == Path("pkg/code.py")
    blob = subprocess.run(["git", "cat-file", "blob", "HEAD:pkg/code.py"], cwd=copied, capture_output=True, check=True)
    assert blob.stdout == (source / "pkg" / "code.py").read_bytes()
    assert git(copied, "status", "--porcelain", "--ignored") == ""


def test_nothing_lies_beyond_the_one_commit(source, tmp_path):
    secret = checkout(source)
    write(secret, later="the fix\n")
    git(secret, "add", "-A")
    git(secret, "-c", "user.name=a", "-c", "user.email=a@b", "commit", "-qm", "the future")
    git(secret, "remote", "add", "origin", "https://example.invalid/x.git")
    future = git(secret, "rev-parse", "HEAD")
    (secret / "later").unlink()
    one_commit(secret, tmp_path / "a")
    copied = tmp_path / "a"
    assert git(copied, "rev-list", "--all", "--count") == "1"
    assert git(copied, "remote") == git(copied, "tag") == git(copied, "stash", "list") == ""
    assert future not in git(copied, "cat-file", "--batch-all-objects", "--batch-check")
    assert not (copied / ".git" / "hooks").exists()
    assert not (copied / ".git" / "logs").exists()
    assert not (copied / "later").exists()


def test_a_checkout_gives_what_lies_in_it_but_not_what_it_ignores(source, tmp_path):
    checkout(source)
    write(source, untracked="new\n", staged="staged\n")
    git(source, "add", "staged")
    (source / "run.sh").unlink()
    taken = files(source)
    assert {"untracked", "staged", "pkg/code.py", "link"} <= set(taken)
    assert not {"ignored.txt", "run.sh"} & set(taken)
    before = git(source, "status", "--porcelain")
    one_commit(source, tmp_path / "a")
    assert git(source, "status", "--porcelain") == before


def test_a_submodule_is_taken_as_plain_files(source, tmp_path):
    inner = tmp_path / "inner"
    inner.mkdir()
    write(inner, module="inside\n")
    checkout(inner)
    checkout(source)
    git(source, "-c", "protocol.file.allow=always", "submodule", "add", "-q", str(inner), "deps/inner")
    one_commit(source, tmp_path / "a")
    assert (tmp_path / "a" / "deps" / "inner" / "module").read_text() == "inside\n"
    assert not list((tmp_path / "a" / "deps").rglob(".git"))
    assert "160000" not in git(tmp_path / "a", "ls-tree", "-r", "HEAD")


def test_a_folder_that_became_a_link_does_not_let_host_files_in(source, tmp_path):
    checkout(source)
    outside = tmp_path / "outside"
    outside.mkdir()
    write(outside, **{"code.py": "host secret\n"})
    (source / "pkg" / "code.py").unlink()
    (source / "pkg").rmdir()
    (source / "pkg").symlink_to(outside)
    one_commit(source, tmp_path / "a")
    assert (tmp_path / "a" / "pkg").is_symlink()
    assert "host secret" not in git(tmp_path / "a", "grep", "-h", "-I", "", "HEAD")


def test_a_hook_or_monitor_that_the_checkout_names_does_not_run(source, tmp_path):
    checkout(source)
    program = tmp_path / "evil.sh"
    program.write_text(f"#!/bin/sh\ntouch {tmp_path}/ran\n")
    program.chmod(0o755)
    git(source, "config", "core.fsmonitor", str(program))
    one_commit(source, tmp_path / "a")
    assert not (tmp_path / "ran").exists()


def test_names_outside_utf8_are_kept(source, tmp_path):
    strange = os.fsdecode(b"\xff\n name")
    (source / strange).write_bytes(b"odd")
    commit = one_commit(source, tmp_path / "a")
    assert tree_id(tmp_path / "a") != commit
    assert (tmp_path / "a" / strange).read_bytes() == b"odd"


def test_an_existing_destination_is_not_overwritten(source, tmp_path):
    (tmp_path / "a").mkdir()
    with pytest.raises(FileExistsError):
        one_commit(source, tmp_path / "a")


def test_git_sees_nothing_of_the_hosts_settings(tmp_path, monkeypatch):
    """A git that first writes down its environment stands before the real one."""
    seen, real = tmp_path / "seen", shutil.which("git")
    (tmp_path / "bin").mkdir()
    (tmp_path / "bin" / "git").write_text(f'#!/bin/sh\nenv >> {seen}\nexec {real} "$@"\n')
    (tmp_path / "bin" / "git").chmod(0o755)
    (tmp_path / "source").mkdir()
    (tmp_path / "source" / "a").write_text("a\n")
    monkeypatch.setenv("PATH", f"{tmp_path / 'bin'}:{os.environ['PATH']}")
    monkeypatch.setenv("GIT_CONFIG_PARAMETERS", "'core.autocrlf=true'")
    one_commit(tmp_path / "source", tmp_path / "made")
    lines = set(seen.read_text().splitlines())
    assert {"GIT_CONFIG_SYSTEM=/dev/null", "GIT_CONFIG_GLOBAL=/dev/null", "GIT_TERMINAL_PROMPT=0"} <= lines
    assert not [line for line in lines if line.startswith(("GIT_CONFIG_PARAMETERS=", "HOME=", "XDG_"))]


@pytest.mark.parametrize("name", [".GIT/config", "a/.Git", "git~1", "a/.git .", ".g\u200cit/x", "a/GIT~2/x", ".git::x"])
def test_names_that_git_keeps_for_itself_are_left_out_and_named(source, tmp_path, caplog, name):
    (source / name).parent.mkdir(parents=True, exist_ok=True)
    write(source, **{name: "x"})
    one_commit(source, tmp_path / "a")
    assert (tmp_path / "a/pkg/code.py").is_file()
    assert not (tmp_path / "a" / name).exists()
    assert "git keeps for itself" in caplog.text


def test_a_link_in_place_of_gitmodules_is_left_out(source, tmp_path, caplog):
    (source / ".gitmodules").symlink_to("run.sh")
    one_commit(source, tmp_path / "a")
    assert not os.path.lexists(tmp_path / "a/.gitmodules")
    assert ".gitmodules" in caplog.text
