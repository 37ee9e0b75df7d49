"""Records of JSON lines through crashes: whichever byte was the last one to reach the disk."""

import json
import os
import resource
from contextlib import contextmanager

import pytest

from environments.bounded import TooLarge
from environments.record_file import RecordFile, append_line, read_lines

LINES = [{"n": 1}, {"text": "half \ud83d a snake, ünï\n\u2028\r"}, {"n": [3, None]}]


@pytest.fixture
def path(tmp_path):
    with RecordFile(tmp_path / "new" / "record.jsonl") as record:
        for line in LINES:
            record.append(line)
        record.sync()
    return record.path


def test_what_was_appended_is_there_in_ascii(path):
    assert read_lines(path) == LINES
    assert path.read_bytes().isascii()


def test_cut_anywhere_the_whole_lines_stay_and_the_next_one_follows_them(path):
    content = path.read_bytes()
    for size in range(len(content)):
        path.write_bytes(content[:size])
        whole = LINES[: content[:size].count(b"\n")]
        assert read_lines(path) == whole
        assert path.stat().st_size == size, "reading writes nothing"
        with RecordFile(path) as record:
            assert record.lines == whole
            record.append({"next": True})
        assert read_lines(path) == [*whole, {"next": True}]


def test_a_line_is_appended_to_a_closed_record_after_what_a_crash_left_is_cut(path):
    path.write_bytes(path.read_bytes()[:-3])
    append_line(path, {"next": True})
    assert read_lines(path) == [*LINES[:2], {"next": True}]


def test_what_stands_behind_an_unreadable_line_goes_with_it(path):
    first, _, third = path.read_bytes().splitlines(keepends=True)
    path.write_bytes(first + b"\0" * 9 + b"\n" + third)
    assert read_lines(path) == LINES[:1]
    with RecordFile(path) as record:
        assert record.lines == LINES[:1]
    assert path.read_bytes() == first


@pytest.mark.parametrize("line", [b"[" * 100_000, b"[" + b"0," * 2_000_001, b"[]," * 30])
def test_a_record_without_measure_is_refused_and_stays_as_it_is(path, line, monkeypatch):
    """It may come with somebody else's run: to cut it, as after a crash, would throw away what was paid for."""
    monkeypatch.setattr("environments.record_file.RECORD_VALUES", 50 if len(line) < 100 else 20_000_000)
    content = path.read_bytes() + line + b"\n" + path.read_bytes()
    path.write_bytes(content)
    for read in (read_lines, RecordFile):
        with pytest.raises(TooLarge, match=r"record\.jsonl .*: move it away$"):
            read(path)
    assert path.read_bytes() == content


def test_no_file_is_an_empty_record(tmp_path):
    assert read_lines(tmp_path / "none") == []
    append_line(tmp_path / "deep" / "record", {"a": 1})
    assert json.loads((tmp_path / "deep" / "record").read_bytes()) == {"a": 1}


def test_closing_twice_and_syncing_a_closed_record_are_fine(path):
    record = RecordFile(path)
    record.append({})
    record.close()
    record.sync()
    record.close()
    assert read_lines(path) == [*LINES, {}]


@contextmanager
def full_after(size):
    """No file of this process may grow beyond ``size``: a write in the middle of which the disk is full."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


@pytest.mark.parametrize("open_record", [True, False])
def test_a_line_that_a_full_disk_has_no_room_for_leaves_nothing_of_itself(path, open_record):
    with RecordFile(path) as record:

        def append(line):
            return record.append(line) if open_record else append_line(path, line)

        with full_after(path.stat().st_size + 5), pytest.raises(OSError, match="too large"):
            append({"next": True})
        assert read_lines(path) == LINES
        assert path.read_bytes().endswith(b"\n")
        append({"later": True})
    assert read_lines(path) == [*LINES, {"later": True}]


def test_a_line_that_is_no_object_is_as_unreadable_as_one_that_is_no_json(path):
    first, *_ = path.read_bytes().splitlines(keepends=True)
    for odd in (b"1\n", b"[1]\n", b"null\n", b'"text"\n'):
        path.write_bytes(first + odd + first)
        assert read_lines(path) == LINES[:1]


def test_a_torn_end_is_looked_for_in_blocks(path, monkeypatch):
    reads = []
    pread = os.pread
    monkeypatch.setattr(os, "pread", lambda *asked: reads.append(asked) or pread(*asked))
    whole = path.read_bytes()
    path.write_bytes(whole + b"x" * (1 << 20))
    append_line(path, {"next": True})
    assert path.read_bytes().startswith(whole)
    assert read_lines(path) == [*LINES, {"next": True}]
    assert len(reads) < 30
