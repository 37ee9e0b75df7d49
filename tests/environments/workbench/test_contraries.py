"""A test and its contrary: which tests have one, how it is written, and that both cannot pass."""

import random

import pytest

from environments.workbench.contraries import negations, passing_contraries, split, untouched, with_contraries

SOURCE = b"""import unittest
from m import f


def test_one():
    x = f(1)
    assert x == 2, "message"


def test_not():
    assert not f(0)


def test_two_lines():
    assert (f(1) == 2 and
            f(2) == 3)


class TestIt(unittest.TestCase):
    def test_equal(self):
        self.assertEqual(f(1), 2)

    def test_in(self):
        self.assertIn(2, [f(1)])
"""
WITHOUT = """
def test_loop():
    for x in []:
        assert x

def test_early():
    if g():
        return
    assert g()

@pytest.mark.xfail
def test_known(): assert False

def test_maybe():
    pytest.skip("no")
    assert True

def test_twice(): assert 1
def test_twice(): assert 2

def helper(): assert 1

def test_nested():
    def inner(): assert False
"""


def negated(source):
    found = negations(source)
    return [with_contraries(source, [(one, 0)]) for one in found]


def test_each_contrary_is_the_same_text_but_for_one_assertion():
    texts = [text.decode() for text in negated(SOURCE)]
    lines = [sorted(set(text.splitlines()) - set(SOURCE.decode().splitlines())) for text in texts]
    assert lines == [
        ['    assert not x == 2, "message"'],
        ["    assert f(0)"],
        ["            f(2) == 3))", "    assert (not (f(1) == 2 and"],
        ["        self.assertNotEqual(f(1), 2)"],
        ["        self.assertNotIn(2, [f(1)])"],
    ]


def test_whoever_passes_fails_its_contrary():
    def passes(text, name):
        scope = {"f": lambda x: x + 1 if x else 0}
        exec(compile(text.replace(b"from m import f", b""), "t", "exec"), scope)
        place, _, method = name.rpartition("::")
        try:
            getattr(scope[place](method), method)() if place else scope[method]()
        except AssertionError:
            return False
        return True

    for one, text in zip(negations(SOURCE), negated(SOURCE), strict=True):
        assert passes(SOURCE, one.name)
        assert not passes(text, one.name)


@pytest.mark.parametrize("source", [WITHOUT.encode(), b"def test_x(:", "\u00fc".encode("latin-1"), b""])
def test_what_may_pass_without_asserting_has_none(source):
    assert negations(source) == ()


def test_bytes_beside_ascii_keep_their_place():
    source = "def test_x():\n    assert '\u00fc' == f('\u00fc')  # \u20ac\n".encode()
    assert with_contraries(source, [(negations(source)[0], 0)]).decode().splitlines()[1].startswith("    assert not '")


def test_every_test_is_itself_in_one_look_and_its_contrary_in_the_other():
    first, second = split({"tests/test_m.py": SOURCE}, random.Random(1))
    assert len(first.contrary | second.contrary) == 5
    assert not first.contrary & second.contrary
    assert first.files["tests/test_m.py"] != second.files["tests/test_m.py"] != SOURCE
    assert split({"tests/test_m.py": b"x = 1\n"}, random.Random(1)) == ()


@pytest.mark.parametrize(
    "test",
    [
        "tests/test_m.py::test_one",
        "tests/test_m.py::test_one[a::b]",
        "tests/test_m.py::TestIt::test_equal",
        "test_equal (test_m.TestIt)",
        "test_equal (test_m.TestIt.test_equal)",
        "test_one",
    ],
)
def test_a_contrary_is_known_by_every_runners_name_of_it(test):
    both = split({"tests/test_m.py": SOURCE}, random.Random(1))
    assert [passing_contraries(look, [test, "other"]) for look in both].count((test,)) == 1
    assert [untouched(look, [test]) for look in both].count(()) == 1
    assert not any(passing_contraries(look, ["tests/test_n.py::test_one", "test_in (x.Other)"]) for look in both)
