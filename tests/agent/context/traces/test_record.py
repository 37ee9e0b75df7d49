"""What a sandbox wrote is hostile."""

import json

import pytest

from agent.context.traces import record
from agent.context.traces.reading import Names, one_trace, traces_of
from agent.context.traces.record import read_record
from environments.workbench.outcome import Outcome

SOURCE = b"def f():\n    def g():\n        return 1\n    return g()\n"
GOOD = [
    ["begun", "3.11", 7],
    ["code", 0, "a.py", "f", 1, False],
    ["enter", 0, 1, -1, 1],
    ["line", 0, 1, 4],
    ["value", 0, {"x": "1"}, "2", None],
]


def lines(*records):
    return b"".join(json.dumps(one).encode() + b"\n" for one in records)


def trace(content):
    names = Names({"a.py": SOURCE}.get)
    return one_trace(read_record(content), names, "t", Outcome.FAIL, seconds=0)


@pytest.mark.parametrize(
    "odd",
    [
        b"[" * 100_000,
        b"nonsense",
        b"{}",
        b"[]",
        b'["line", 0, 1, 1e400]',
        lines(["line", 0, 1, -5]),
        lines(["line", 0, 1, 1 << 80]),
        lines(["line", [], {}, None]),
        lines(["code", 1, ["a.py"], "f", 1, False]),
        lines(["enter", 99, 1, -1, 0]),
        b"\xff\xfe",
    ],
)
def test_lines_that_no_tracer_writes_are_left_out_and_counted(odd):
    found = trace(lines(*GOOD) + odd.rstrip(b"\n") + b"\n" + lines(["line", 0, 1, 2]))
    assert [one.lines for one in found.case] == [(4, 2)]
    assert found.remarks == ("1 lines of the record could not be read",)


def test_texts_are_one_short_line_each():
    found = trace(lines(*GOOD, ["failure", "E\x1b[2J", "a\nb" + "x" * 9000, [["/etc", 1, "f\n", {"v": "\u202e"}]]]))
    assert found.failure.exception == "E\\x1b[2J"
    assert "\n" not in found.failure.message
    assert len(found.failure.message) < 500
    assert found.failure.frames[0].variables == {"v": "\\u202e"}


def test_files_that_the_tree_has_not_are_no_functions():
    found = trace(lines(*GOOD, ["code", 1, "../../etc/passwd", "f", 1, False], ["enter", 1, 1, -1, 0]))
    assert [one.id for one in found.case] == ["a.py::f"]


def test_a_longer_record_is_cut_and_said(monkeypatch):
    monkeypatch.setattr(record, "MOST_BYTES", 200)
    found = trace(lines(*GOOD, *(["line", 0, 1, n] for n in range(10, 99))))
    assert found.remarks[0] == "the record is longer than 200 bytes"
    assert len(found.case[0].lines) < 20


def test_no_more_tests_than_the_bound(monkeypatch):
    monkeypatch.setattr(record, "MOST_TESTS", 3)
    recorded = read_record(lines(*GOOD, *(["test", f"t{n}"] for n in range(9))))
    assert len(traces_of(recorded, Names({}.get), seconds=0)) == 4


def test_a_failing_test_is_told_from_its_neighbours():
    more = [
        ["test", "good"],
        ["enter", 0, 1, -1, 1],
        ["line", 0, 1, 4],
        ["outcome", "good", "passed"],
        ["code", 1, "a.py", "f.g", 2, False],
        ["test", "bad"],
        ["enter", 1, 1, 0, 2],
        ["line", 1, 1, 3],
        ["outcome", "bad", "failed"],
        ["outcome", "bad", "passed"],
    ]
    assert [one.id for one in trace(lines(*GOOD[:2], *more)).case] == ["a.py::f.g"]
