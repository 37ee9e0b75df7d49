"""Files of a base tree are read once each."""

import pytest

from environments.workbench.forks.base_files import BaseFiles


class Tree:
    def __init__(self, **files):
        self.files, self.reads = files, []

    def read(self, path):
        self.reads.append(path)
        if path not in self.files:
            raise FileNotFoundError(path)
        return self.files[path]


def test_a_file_is_read_once_and_so_is_that_there_is_none():
    tree = Tree(a=b"1", b=b"")
    files = BaseFiles(tree.read)
    assert [files.read(name) for name in "abab"] == [b"1", b"", b"1", b""]
    for _ in range(2):
        with pytest.raises(FileNotFoundError, match="gone"):
            files.read("gone")
    assert tree.reads == ["a", "b", "gone"]


def test_no_more_is_kept_than_there_is_room_for_and_what_was_asked_for_last_stays():
    tree = Tree(a=b"1" * 40, b=b"2" * 40, c=b"3" * 40, big=b"4" * 400)
    files = BaseFiles(tree.read, most=100)
    for name in ("a", "b", "a", "c", "a", "b", "big", "big"):
        assert files.read(name) == tree.files[name]
    assert tree.reads == ["a", "b", "c", "b", "big", "big"]


def test_what_could_not_be_read_is_asked_for_again():
    answers = iter([OSError("the sandbox is gone"), b"1"])

    def read(path):
        answer = next(answers)
        if isinstance(answer, Exception):
            raise answer
        return answer

    files = BaseFiles(read)
    with pytest.raises(OSError, match="gone"):
        files.read("a")
    assert files.read("a") == b"1"
