"""A commit's files are read out of git's objects, without a tree."""

import os

import pytest

from environments.errors import RepositoryError
from environments.trees.repositories import Repositories
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
