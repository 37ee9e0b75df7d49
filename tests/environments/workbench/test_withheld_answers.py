"""Answers that tests are not told: which they are, that tests go on without them, how what they found is weighed."""

import json
import random

import pytest

from environments.workbench.contraries import Said, one_look, split, wrong_answers
from environments.workbench.contraries.assertions import edited
from environments.workbench.contraries.sent import MAX_SENT, weighed
from environments.workbench.contraries.withheld import comparisons, withheld

SOURCE = b"""import unittest
from m import f


def test_one():
    x = f(1)
    assert x == 2, "message"
    assert [-1,
            {"a": (True, None)}] == f(
        "l"
    )


def test_inside():
    with open(f("null")) as file:
        assert (f(2)) == 3  # two and one
    with pytest.raises(ValueError):
        assert f(3) == 4


class TestIt(unittest.TestCase):
    def test_equal(self):
        self.assertEqual(f(1), 2, "message")
        self.assertEqual("x" "y", f("xy"))
"""
WITHOUT = """
def test_truth():
    assert f(1)
    assert f(1) != 2
    assert f(1) == f(2)
    assert 1 == 2
    assert 1 < f(1) == 2
    assert (x := f(1)) == 2
def test_maybe():
    if f(1):
        assert f(1) == 2
    for x in f(1):
        assert x == 2
@pytest.mark.xfail
def test_known(): assert f(1) == 2
def helper(): assert f(1) == 2
"""
ANSWERS = {1: 2, "l": [-1, {"a": (True, None)}], "null": "/dev/null", 2: 3, "xy": "xy"}


def taken_apart(source):
    numbered = dict(enumerate(comparisons(source), start=1))
    edits, end = withheld(source, numbered, "answered")
    return {number: one.answer for number, one in numbered.items()}, edited(source, edits) + end


def ran(text, f, folder, monkeypatch):
    """Run each test of a file, and return what it sent."""
    sent = folder / "sent"
    scope = {"f": f, "pytest": pytest}
    text = text.replace(b"/tmp/answered", str(sent).encode()).replace(b"from m import f", b"")
    exec(compile(text, "test_m.py", "exec"), scope)
    case = scope.get("TestIt")
    for test in [scope[name] for name in scope if name.startswith("test_")]:
        test()
    if case:
        case("test_equal").test_equal()
    return sent.read_bytes() if sent.exists() else b""


def test_the_answers_are_nowhere_and_every_line_keeps_its_number():
    answers, text = taken_apart(SOURCE)
    assert list(answers.values()) == [2, [-1, {"a": (True, None)}], 3, 2, "xy"]
    lines, before = text.decode().splitlines(), SOURCE.decode().splitlines()
    assert lines[6] == '    assert answered(1, x), "message"'
    assert lines[20:22] == before[20:22]
    assert lines[22] == "        answered(4, f(1))"
    assert '"x" "y"' not in text.decode()


@pytest.mark.parametrize("source", [WITHOUT.encode(), b"def test_x(:", "\u00fc".encode("latin-1"), b""])
def test_what_is_no_plain_comparison_that_is_always_reached_keeps_its_answer(source):
    assert comparisons(source) == ()


def test_whoever_comes_to_the_answers_is_right_and_whoever_does_not_is_wrong(tmp_path, monkeypatch):
    answers, text = taken_apart(SOURCE.replace(b"    with pytest.raises(ValueError):\n        assert f(3) == 4\n", b""))
    right = weighed(ran(text, ANSWERS.__getitem__, tmp_path, monkeypatch), answers)
    assert right == dict.fromkeys(answers, Said.RIGHT)
    (tmp_path / "sent").unlink()
    wrong = weighed(ran(text, {**ANSWERS, 1: 5, "xy": "zz"}.__getitem__, tmp_path, monkeypatch), answers)
    assert [wrong[number] for number in sorted(wrong)] == ["wrong", "right", "right", "wrong", "wrong"]


class Equal(int):
    def __eq__(self, other):
        return True

    __hash__ = int.__hash__


class Own:
    def __init__(self, shown):
        self.shown = shown

    def __eq__(self, other):
        return True

    __hash__ = None

    def __repr__(self):
        return self.shown


class Call(tuple):
    """As a mock's: a tuple that compares in its own way."""

    def __eq__(self, other):
        return True

    __hash__ = None


class Unshown:
    def __repr__(self):
        raise ValueError


@pytest.mark.parametrize(
    "value, answer, said",
    [
        (2, 2, "right"),
        (2.0, 2, "right"),
        (True, 1, "right"),
        (Equal(6), 7, "wrong"),
        (Equal(7), 7, "right"),
        (Own("7"), 7, "right"),
        (Own("6"), 7, "unsure"),
        (Unshown(), 7, "unsure"),
        ("7", 7, "wrong"),
        (b"\xff", b"\xff", "right"),
        ("\ud800\n", "\ud800\n", "right"),
        (10**30, 10**30, "right"),
        ([1, (2,)], [1, (2,)], "right"),
        ([1, [2]], [1, (2,)], "wrong"),
        ([1, Equal(6)], [1, 7], "wrong"),
        (Call(("", 1)), (1,), "unsure"),
        ({"a": [1]}, {"a": [1]}, "right"),
        ({"a": [1], "b": 2}, {"a": [1]}, "wrong"),
        ({"a": Equal(6)}, {"a": 7}, "wrong"),
        ({3, 1}, {1, 3}, "right"),
        (frozenset({3, 2}), {1, 3}, "wrong"),
        (None, None, "right"),
        (None, 0, "wrong"),
    ],
)
def test_a_value_is_compared_as_python_does_but_by_no_method_of_its_own(value, answer, said, tmp_path, monkeypatch):
    _, text = taken_apart(b"def test_x():\n    assert f(1) == 1\n")
    sent = ran(text, lambda _: value, tmp_path, monkeypatch)
    assert weighed(sent, {1: answer}) == {1: said}


@pytest.mark.parametrize(
    "content",
    [
        b"no json\n",
        b'[2, ["int", "7", false]]\n',
        b'[1, ["int", "seven", false]]\n',
        b'[1, ["type", "7", false]]\n',
        b'[1, ["int"]]\n',
        b"[" * 100_000 + b"\n",
        b'{"a": 1}\n',
        b'[1, ["int", "7", false]]\n[1, ["int", "8", false]]\n',
        b" " * (MAX_SENT + 1),
    ],
)
def test_what_nobody_was_asked_to_send_is_wrong(content):
    assert weighed(content, {1: 7}) == {1: "wrong"}
    assert weighed(b'[1, ["int", "7", false]]\n', {1: 7}) == {1: "right"}


def test_in_each_look_the_answers_of_those_that_are_no_contraries_are_withheld():
    files = {"tests/test_m.py": SOURCE, "tests/none.py": b"x = 1\n"}
    looks = split(files, random.Random(2))
    told = [set(look.answers.tests.values()) for look in looks]
    assert [names & look.contrary for names, look in zip(told, looks, strict=True)] == [set(), set()]
    assert {name for names in told for _, name in names} == {"test_one", "test_inside", "TestIt::test_equal"}
    for look in looks:
        compile(look.files["tests/test_m.py"], "t", "exec")
        assert len(look.objects) == bool(look.answers.tests)
    (single,) = one_look({**files, "tests/t.py": b"def test_t():\n    assert f(1)\n"}, random.Random(1))
    assert (len(set(single.answers.tests.values())), single.contrary) == (3, {("tests/t.py", "test_t")})
    assert one_look({"tests/none.py": b"x = 1\n"}, random.Random(1)) == ()


def test_a_test_that_passes_without_its_answer_is_named_whatever_it_is_called():
    look = next(look for look in split({"tests/test_m.py": SOURCE}, random.Random(2)) if look.answers.tests)
    number, (path, name) = next(iter(look.answers.tests.items()))
    others = dict.fromkeys(set(look.answers.tests) - {number}, Said.RIGHT)
    test = f"{path}::{name}[a]"
    assert wrong_answers(look, others, [test, "other"]) == {number: (test,)}
    assert wrong_answers(look, {**others, number: Said.UNSURE}, [test]) == {number: (test,)}
    assert wrong_answers(look, {**others, number: Said.RIGHT}, [test]) == {}
    assert wrong_answers(look, {}, ["tests/test_n.py::test_one"]) == {}


def test_what_is_sent_is_text_of_one_line(tmp_path, monkeypatch):
    _, text = taken_apart(b"def test_x():\n    assert f(1) == 1\n")
    sent = ran(text, lambda _: "x" * 100_000 + "\n", tmp_path, monkeypatch)
    assert json.loads(sent) == [1, ["odd"]]
