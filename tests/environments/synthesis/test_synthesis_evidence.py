import ast

import pytest

from environments.synthesis.cutting import function_node
from environments.synthesis.evidence.assertions import checks
from environments.synthesis.evidence.slicing import NotSelfContained, Scope, snippet

MODULE = """
import os.path
import unittest
import pytest
from pkg import make, Thing as T
from . import helpers
from .. import other
from pkg._private import hidden
from elsewhere import foreign

LIMIT = 3
SHORT = lambda x: x + LIMIT


def test_plain():
    unused = make(0)
    x = make(1)
    x.grow()
    assert x.size == 2


@pytest.mark.parametrize("a, b", [(1, 2), (3, 4)])
@pytest.mark.parametrize("c", [5])
def test_params(a, b, c):
    assert make(a) == b + c


class TestIt(unittest.TestCase):
    def test_methods(self):
        for word in ["a", "b"]:
            with self.subTest(word):
                self.assertEqual(make(word), word)
        self.assertRaises(ValueError, make, -1, strict=True)
        self.assertTrue(make(2) and not make(0))


def test_raises():
    with pytest.raises(KeyError):
        t = T({})
        t["missing"]


def test_outside():
    assert SHORT(make(LIMIT)) == 6


def test_fixture(tmp_path):
    assert make(tmp_path) == 1


def test_private():
    assert hidden(1) == 2


def test_foreign():
    assert foreign(1) == 2


def test_relative():
    assert other.thing(1) == 2


def test_own_helpers():
    assert helpers.thing(1) == 2


def test_inner_names():
    assert [make(n) for n in range(3)] == [1]
"""
SCOPE = Scope(ast.parse(MODULE), "pkg.tests", frozenset({"pkg"}))


def found(symbol):
    return list(checks(function_node(MODULE.encode(), symbol)))


def first_snippet(symbol, **bindings):
    return snippet(found(symbol)[0], SCOPE, bindings)


def test_checks_are_the_expressions_behind_every_kind_of_assertion():
    texts = [ast.unparse(check.expression) for check in found("TestIt.test_methods")]
    assert texts == ["make(word)", "word", "make(word) == word", "make(-1, strict=True)", "make(2)", "make(0)"]


def test_parametrisation_and_loops_bind_names():
    (check, *_) = found("test_params")
    assert [(ast.unparse(loop.target), ast.unparse(loop.iterable)) for loop in check.loops] == [
        ("c", "[5]"),
        ("(a, b)", "[(1, 2), (3, 4)]"),
    ]
    assert first_snippet("test_params", a="1", b="2", c="5").expression == "make(1)"


def test_a_slice_holds_what_the_expression_needs_and_no_more():
    made = first_snippet("test_plain")
    assert made.imports == ("from pkg import make",)
    assert made.setup == ("x = make(1)", "x.grow()")
    assert made.expression == "x.size"


def test_an_expected_error_is_shown_by_the_statement_that_raises_it():
    made = snippet(found("test_raises")[-1], SCOPE, {})
    assert (made.imports, made.setup, made.expression) == (
        ("from pkg import Thing as T",),
        ("t = T({})",),
        "t['missing']",
    )


def test_short_constants_and_helpers_come_along():
    made = first_snippet("test_outside")
    assert set(made.setup) == {"LIMIT = 3", "SHORT = lambda x: x + LIMIT"}
    assert made.setup.index("LIMIT = 3") < made.setup.index("SHORT = lambda x: x + LIMIT")


def test_relative_imports_are_written_out():
    assert first_snippet("test_relative").imports == ("from pkg import other",)


def test_names_of_comprehensions_need_nothing():
    assert first_snippet("test_inner_names").imports == ("from pkg import make",)


@pytest.mark.parametrize("symbol", ["test_fixture", "test_private", "test_foreign", "test_own_helpers"])
def test_what_only_a_test_can_reach_is_no_example(symbol):
    with pytest.raises(NotSelfContained):
        first_snippet(symbol)
