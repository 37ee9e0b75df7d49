import ast
import inspect
import textwrap
from difflib import ndiff

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from environments.synthesis.operators import OPERATORS, Module, changes, sites


def mutants(operator, source):
    """The lines that each site of a function's body puts in place of the line it changes."""
    source = textwrap.dedent(source).strip() + "\n"
    found = []
    for site in sites(source.encode(), operator):
        lines = list(ndiff(source.splitlines(), site.apply(source.encode()).decode().splitlines()))
        found.append(" / ".join(line[2:].strip() for line in lines if line.startswith("+ ")) or "(gone)")
    return found


@pytest.mark.parametrize(
    "line, expected",
    [
        ("return a < b", ["return a <= b", "return a > b"]),
        ("return a  ==b", ["return a  !=b"]),
        ("return a is not b", ["return a is b"]),
        ("return a not in b", ["return a in b"]),
        ("return a < b < 3", ["return a <= b < 3", "return a > b < 3", "return a < b <= 3", "return a < b > 3"]),
        ("return (a) and (b)", ["return (a) or (b)"]),
        ("return not a", ["return (a)"]),
        ("return 1 if a else b", ["return 1 if not (a) else b"]),
        ("return 1 if a == b else 2", ["return 1 if a != b else 2"]),
        ("return (a # and\n   and b)", []),
    ],
)
def test_comparison_flip(line, expected):
    assert mutants("comparison_flip", f"def f(a, b):\n    {line}") == expected


@pytest.mark.parametrize(
    "line, expected",
    [
        ("return a[1:b]", ["return a[0:b]", "return a[2:b]", "return a[1:(b + 1)]", "return a[1:(b - 1)]"]),
        ("return a[-1]", ["return a[-2]", "return a[0]"]),
        ("return a[b]", []),
        ("return range(len(a))", ["return range((len(a) + 1))", "return range((len(a) - 1))"]),
        ("return a - 1", ["return (a)"]),
        ("return a - 2", []),
    ],
)
def test_off_by_one(line, expected):
    assert sorted(mutants("off_by_one", f"def f(a, b):\n    {line}")) == sorted(expected)


@pytest.mark.parametrize(
    "line, expected",
    [
        ("return g(a, b, 1)", ["return g(b, a, 1)", "return g(a, 1, b)"]),
        ("return g(a, a)", []),
        ("return g(*a, b)", []),
        ("return g((a), (b))", []),
        ("return isinstance(a, b)", []),
        ("return g(a , b=b)", []),
        ("return g('é', b)", ["return g(b, 'é')"]),
    ],
)
def test_swapped_arguments(line, expected):
    assert mutants("swapped_arguments", f"def f(a, b):\n    {line}") == expected


def test_removed_statement_takes_guards_updates_and_calls_but_no_first_value():
    source = """
    def f(a, b):
        '''Doc.'''
        if a:
            return 0
        c = 1
        b = c  # kept with its line
        b += 1; c += 2
        a.x = b
        if b:
            a.clear()
        else:
            c = 3
        for x in a: x.go()
        return c
    """
    kept = textwrap.dedent(source).strip() + "\n"
    gone = [kept[site.start : site.end].strip() for site in sites(kept.encode(), "removed_statement")]
    assert gone == [
        "if a:\n        return 0",
        "b = c  # kept with its line",
        "b += 1",
        "c += 2",
        "a.x = b",
        "a.clear()",
        "c = 3",
        "x.go()",
    ]
    for site in sites(kept.encode(), "removed_statement"):
        ast.parse(site.apply(kept.encode()))


def test_wrong_variable_offers_only_what_has_a_value_there():
    source = """
    def f(self, a, *rest):
        early = a
        late = [x for x in rest]
        return early
    """
    assert mutants("wrong_variable", source) == [
        "early = rest",
        "late = [x for x in a]",
        "late = [x for x in early]",
        "return a",
        "return late",
        "return rest",
    ]


def test_wrong_constant_takes_constants_of_the_same_function():
    source = """
    def f(a: int = 5):
        '''Doc.'''
        g(True, 7, 'ab', f'{a}x')
        return 'cd'
    """
    assert mutants("wrong_constant", source) == [
        "g(False, 7, 'ab', f'{a}x')",
        "g(True, 0, 'ab', f'{a}x')",
        "g(True, 1, 'ab', f'{a}x')",
        "g(True, 7, ' ', f'{a}x')",
        "g(True, 7, '', f'{a}x')",
        "g(True, 7, 'cd', f'{a}x')",
        "return ' '",
        "return ''",
        "return 'ab'",
    ]


@pytest.mark.parametrize("source", [b"def f(:\n", b"\xff\xfe", b"x = 1 < 2\n"])
def test_what_is_unreadable_or_outside_functions_has_no_sites(source):
    assert [sites(source, operator) for operator in OPERATORS] == [[]] * len(OPERATORS)


def test_a_site_names_the_function_around_it():
    source = b"class A:\n    def m(self):\n        def inner(a):\n            return a == 1\n        return inner\n"
    assert [site.symbol for site in sites(source, "comparison_flip")] == ["A.m.inner"]


REAL = inspect.getsource(textwrap).replace("\n", "\r\n").encode()
"""A real module, with line ends that no operator may touch."""


@settings(max_examples=60, deadline=None, derandomize=True)
@given(st.sampled_from(sorted(OPERATORS)), st.integers(0, 10_000))
def test_every_site_of_a_real_module_is_one_valid_change_inside_its_function(operator, index):
    found = sites(REAL, operator)
    assert found == sites(REAL, operator)
    site = found[index % len(found)]
    mutated = site.apply(REAL)
    assert mutated[: site.start] == REAL[: site.start]
    assert mutated[site.start + len(site.replacement) :] == REAL[site.end :]
    assert changes(REAL, site)
    before = {function.symbol: ast.dump(function.node) for function in Module(REAL).functions}
    after = {function.symbol: ast.dump(function.node) for function in Module(mutated).functions}
    changed = {symbol for symbol in before if before[symbol] != after.get(symbol)}
    around = {symbol for symbol in before if f"{site.symbol}.".startswith(f"{symbol}.")}
    assert site.symbol in changed <= around
