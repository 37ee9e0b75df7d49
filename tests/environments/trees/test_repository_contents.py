"""A commit's files are read out of git's objects, without a tree."""

import os
import subprocess

import pytest

from environments import host_git
from environments.errors import RepositoryError
from environments.trees.repositories import Repositories, contents
from environments.trees.worktree import one_commit


def test_regular_files_that_are_wanted_and_not_too_large(tmp_path):
    source = tmp_path / "source"
    source.mkdir()
    for name, data in {"a.py": b"x = 1", "b\n\xe9.py": b"", "large.py": b"1" * 50, "c.txt": b"text\n"}.items():
        (source / os.fsdecode(name.encode() if name.isascii() else name)).write_bytes(data)
    (source / "link.py").symlink_to("/etc/passwd")
    commit = one_commit(source, tmp_path / "repos/own__shop")
    repositories = Repositories(tmp_path / "repos", tmp_path / "cache")
    found = repositories.contents("own/shop", commit, at_most=40, wanted=lambda path: path.endswith(".py"))
    assert found == {"a.py": b"x = 1", "b\n\xe9.py": b""}
    with pytest.raises(RepositoryError, match="no commit"):
        repositories.contents("own/shop", "0" * 40, at_most=40)


def git(folder, *arguments, stdin=b""):
    done = subprocess.run(["git", *arguments], cwd=folder, input=stdin, capture_output=True, check=True)
    return done.stdout.decode().strip()


@pytest.fixture
def bomb(tmp_path):
    """A commit of nine objects in which a thousand times a thousand files lie."""
    folder = tmp_path / "repos" / "own__shop"
    folder.mkdir(parents=True)
    git(folder, "init", "-q", "--bare")
    one = f"100644 blob {git(folder, 'hash-object', '-w', '--stdin', stdin=b'x' * 2000)}"
    for _ in range(6):
        listing = "".join(f"{one}\tf{n}\n" for n in range(10))
        one = f"040000 tree {git(folder, 'mktree', stdin=listing.encode())}"
    identity = ("-c", "user.name=a", "-c", "user.email=a@b")
    return git(folder, *identity, "commit-tree", one.split()[-1], "-m", "x")


def test_a_commit_of_millions_of_files_is_refused_before_git_reads_it(bomb, tmp_path, monkeypatch):
    monkeypatch.setattr(host_git, "MAX_OUTPUT", 1 << 20)
    repositories = Repositories(tmp_path / "repos", tmp_path / "cache")
    with pytest.raises(RepositoryError, match="ls-tree said over 1 MiB"):
        repositories.files("own/shop", bomb, tmp_path / "tree")
    with pytest.raises(RepositoryError, match="ls-tree said over 1 MiB"):
        repositories.contents("own/shop", bomb, at_most=40)
    assert not (tmp_path / "tree").exists()


def test_a_commit_of_too_many_bytes_is_refused_before_they_are_written(tmp_path, monkeypatch):
    (tmp_path / "source").mkdir()
    (tmp_path / "source" / "a").write_bytes(b"\0" * (2 << 20))
    commit = one_commit(tmp_path / "source", tmp_path / "repos/own__shop")
    monkeypatch.setattr(contents, "MOST_BYTES", 1 << 20)
    repositories = Repositories(tmp_path / "repos", tmp_path / "cache")
    with pytest.raises(RepositoryError, match="holds 1 files of 2 MiB: that is no source tree"):
        repositories.tree("own/shop", commit, tmp_path / "tree")
    assert not (tmp_path / "tree").exists()


def test_an_object_without_measure_does_not_take_the_memory_of_this_machine(tmp_path, monkeypatch):
    git(tmp_path, "init", "-q")
    commit = b"tree %s\n" % (b"4b825dc642cb6eb9a060e54bf8d69288fbee4904") + b"author a <b> 0 +0000\n" * (8 << 20)
    name = git(tmp_path, "hash-object", "--literally", "-t", "commit", "-w", "--stdin", stdin=commit)
    monkeypatch.setattr(host_git, "_MOST_MEMORY", 64 << 20)
    with pytest.raises(RepositoryError, match=r"memory|malloc"):
        host_git.run_git(tmp_path, "cat-file", "commit", name, variables={"GIT_DIR": str(tmp_path / ".git")})
