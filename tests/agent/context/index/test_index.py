"""Files are indexed once per content; a damaged cache costs time and nothing else."""

import logging
import sqlite3
import subprocess
import sys

import pytest

from agent.context.index import IndexCache, index_file, read_ahead, tree_index
from agent.context.index.file_index import FileIndex
from agent.context.index.tree import symbol_of, text_of
from agent.context.symbols import symbols_of

SOURCE = '''\
"""About cups."""
import os
from ..shelf import Cup as Mug, saucer


class Kettle(Base):
    """Boils."""

    size = 3

    def pour(self, cup):
        """Fill a cup."""
        def inner():
            return cup
        return inner() + cup


LIMIT = "é"
'''.encode()
PLACES = ["Kettle", "Kettle.size", "Kettle.pour", "Kettle.pour.inner", "LIMIT"]


def counted(index, word):
    """Where a word stands: name of the symbol (module: None), in its docstring?, how often."""
    found = index.postings(word)
    return {(index.entries[p // 2 - 1].name if p > 1 else None, bool(p & 1), n) for p, n in found}


def test_words_stand_at_the_innermost_symbol_and_docstrings_apart():
    index = index_file(SOURCE)
    assert [entry.name for entry in index.entries] == PLACES
    assert counted(index, "cup") == {
        ("Kettle.pour", False, 2),
        ("Kettle.pour", True, 1),
        ("Kettle.pour.inner", False, 1),
    }
    assert counted(index, "Boils") == {("Kettle", True, 1)}
    assert counted(index, "cups") == {(None, True, 1)}
    assert [(one.level, one.module, one.name) for one in index.imports] == [
        (0, "os", ""),
        (2, "shelf", "Cup"),
        (2, "shelf", "saucer"),
    ]


@pytest.mark.parametrize(
    "raw", [SOURCE, SOURCE.replace(b"\n", b"\r\n"), b"\xef\xbb\xbf" + SOURCE, b"def f(:\n  x\nclass"]
)
def test_symbols_of_an_index_are_those_of_the_file(raw):
    index = FileIndex.load(index_file(raw).dump())
    text = text_of(raw)
    assert tuple(symbol_of("p.py", text, entry) for entry in index.entries) == symbols_of("p.py", raw)


def test_a_content_is_read_once_whatever_its_path(tmp_path):
    first = tree_index({"a.py": SOURCE, "b.py": SOURCE}, ["a.py", "b.py"], IndexCache(tmp_path))
    second = tree_index({"c.py": SOURCE, "d.py": b"x = 1\n"}, ["c.py", "d.py"], IndexCache(tmp_path))
    assert (first.made, second.made) == (1, 1)
    assert second.files["c.py"] == first.files["a.py"] == index_file(SOURCE)


def test_what_the_cache_lacks_is_read_ahead(tmp_path):
    files = {"a.py": SOURCE, "b.py": SOURCE, "c.py": b"x = 1\n"}
    assert [read_ahead(files, names, IndexCache(tmp_path)) for names in (["a.py", "b.py"], files, files)] == [1, 1, 0]
    assert tree_index(files, files, IndexCache(tmp_path)).made == 0


def test_an_entry_that_is_damaged_is_made_again_and_written_over(tmp_path, caplog):
    caplog.set_level(logging.INFO)
    tree_index({"a.py": SOURCE}, ["a.py"], IndexCache(tmp_path))
    with sqlite3.connect(tmp_path / "symbols.sqlite") as database:
        database.execute("UPDATE files SET data = substr(data, 1, 40)")
    assert tree_index({"a.py": SOURCE}, ["a.py"], IndexCache(tmp_path)).made == 1
    assert "is made again" in caplog.text
    assert tree_index({"a.py": SOURCE}, ["a.py"], IndexCache(tmp_path)).made == 0


def test_a_database_that_is_damaged_is_said_and_begun_again(tmp_path, caplog):
    (tmp_path / "symbols.sqlite").write_bytes(b"no database at all, and long enough to look like one" * 50)
    assert tree_index({"a.py": SOURCE}, ["a.py"], IndexCache(tmp_path)).files["a.py"] == index_file(SOURCE)
    assert "damaged" in caplog.text
    tree_index({"a.py": SOURCE}, ["a.py"], IndexCache(tmp_path))
    assert tree_index({"a.py": SOURCE}, ["a.py"], IndexCache(tmp_path)).made == 0


def test_a_folder_that_cannot_be_written_is_said_and_passed_by(tmp_path, caplog):
    (tmp_path / "file").write_text("")
    assert tree_index({"a.py": SOURCE}, ["a.py"], IndexCache(tmp_path / "file")).made == 1
    assert "passed by" in caplog.text


def test_the_cache_keeps_to_its_size(tmp_path):
    cache = IndexCache(tmp_path, most_bytes=4000)
    for number in range(30):
        raw = b"def f_%d(): return %d\n" % (number, number)
        tree_index({"a.py": raw}, ["a.py"], cache)
    with sqlite3.connect(tmp_path / "symbols.sqlite") as database:
        assert 0 < database.execute("SELECT SUM(LENGTH(data)) FROM files").fetchone()[0] <= 4000


def test_several_processes_share_it(tmp_path):
    code = (
        "import sys; from pathlib import Path; from agent.context.index import IndexCache, tree_index\n"
        "files = {f'{n}.py': b'def f_%d(): pass' % n for n in range(60)}\n"
        "for start in range(0, 60, 10):\n"
        "    tree_index(files, list(files)[start:start + 20], IndexCache(Path(sys.argv[1])))\n"
    )
    running = [subprocess.Popen([sys.executable, "-c", code, str(tmp_path)], stderr=subprocess.PIPE) for _ in range(2)]
    assert [(one.communicate()[1], one.returncode) for one in running] == [(b"", 0)] * 2
    files = {f"{n}.py": b"def f_%d(): pass" % n for n in range(60)}
    assert tree_index(files, files, IndexCache(tmp_path)).made == 0
