"""Class 4: of the parts of a split index only the one that the index names is copied, whatever else lies there."""

import subprocess

import pytest

from environments.errors import RepositoryError
from environments.trees import foreign
from environments.trees.survey import survey


def git(folder, *arguments):
    subprocess.run(["git", *arguments], cwd=folder, capture_output=True, check=True)


@pytest.fixture
def split(tmp_path):
    for name in ("a.py", "b.py"):
        (tmp_path / name).write_text("x = 1\n")
    git(tmp_path, "init", "-q")
    git(tmp_path, "add", "a.py")
    git(tmp_path, "update-index", "--split-index")
    git(tmp_path, "add", "b.py")
    assert list((tmp_path / ".git").glob("sharedindex.*"))
    return tmp_path


def test_others_that_look_like_one_are_left_where_they_are(split, monkeypatch):
    monkeypatch.setattr(foreign, "_MAX_INDEX", 1 << 16)
    for digit in "abc":
        with (split / ".git" / f"sharedindex.{digit * 40}").open("wb") as holes:
            holes.truncate(1 << 20)
    assert survey(split).names == ("a.py", "b.py")


def test_the_one_that_is_named_is_bounded(split, monkeypatch):
    monkeypatch.setattr(foreign, "_MAX_INDEX", 1 << 16)
    for named in (split / ".git").glob("sharedindex.*"):
        named.chmod(0o644)
        with named.open("ab") as holes:
            holes.truncate(1 << 20)
    with pytest.raises(RepositoryError, match="holds over"):
        survey(split)
