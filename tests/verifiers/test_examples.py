import ast

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from verifiers.examples import convert_examples


def claims(text, locate=None):
    return [example.claim for example in convert_examples(text, locate).examples]


def only(text, locate=None):
    (claim,) = claims(text, locate)
    return {
        field: getattr(claim, field)
        for field in ("call", "expected", "wrong", "raises", "should_raise")
        if getattr(claim, field) is not None
    }


FENCED = "Title\n\n{before}\n\n```python\nfrom pkg import f\n{code}\n```\n{after}\n"


def fenced(code, before="Something is off.", after=""):
    return FENCED.format(code=code, before=before, after=after)


@pytest.mark.parametrize(
    "comment, said",
    [
        ("-> 3, expected 4", {"wrong": "3", "expected": "4"}),
        ("returns 3, expected 4", {"wrong": "3", "expected": "4"}),
        ("returns [1, 2] instead of [2, 1]", {"wrong": "[1, 2]", "expected": "[2, 1]"}),
        ("=> 'a' but should be 'b'", {"wrong": "'a'", "expected": "'b'"}),
        ("should return None, returns {}", {"wrong": "{}", "expected": "None"}),
        ("should be 3, not 4", {"expected": "3", "wrong": "4"}),
        ("expected: 7", {"expected": "7"}),
        ("-> 3", {"wrong": "3"}),
        ("returns an empty list instead of [1]", {"wrong": "[]", "expected": "[1]"}),
        ("raises ValueError", {"raises": "ValueError"}),
        ("raises KeyError, should return 1", {"raises": "KeyError", "expected": "1"}),
        ("returns 1, should raise ValueError", {"wrong": "1", "should_raise": "ValueError"}),
        ("actual: TypeError: no 1\n# expected: Invalid: at 2, 3", {"raises": "TypeError", "should_raise": "Invalid"}),
        ("actual: Odd: one\n# expected: Odd: two", {"raises": "Odd: one", "should_raise": "Odd: two"}),
        ("actual: 3\n# expected: 4", {"wrong": "3", "expected": "4"}),
        ("-> <Point 1>", {"wrong": "<Point 1>"}),
        ("-> Point(x=1), expected Point(x=2)", {"wrong": "Point(x=1)", "expected": "Point(x=2)"}),
    ],
)
def test_comments_beside_a_call(comment, said):
    assert only(fenced(f"f(1)  # {comment}")) == {"call": "f(1)", **said}
    assert only(fenced(f"f(1)\n# {comment}")) == {"call": "f(1)", **said}
    assert only(fenced(f"result = f(1)  # {comment}")) == {"call": "f(1)", **said}


@pytest.mark.parametrize("comment", ["works", "this is fine", "the first call", "see above", "TODO"])
def test_comments_that_claim_nothing(comment):
    conversion = convert_examples(fenced(f"f(1)  # {comment}"))
    assert conversion.tests == ()
    assert conversion.notes


@pytest.mark.parametrize(
    "sentence, said",
    [
        ("Calling `f(1)` returns `3` instead of `4`.", {"wrong": "3", "expected": "4"}),
        ("`f(1)` gives 3, but it should give 4.", {"wrong": "3", "expected": "4"}),
        ("`f(1)` should be `4`, but it is `3`.", {"wrong": "3", "expected": "4"}),
        ("When I run f(1) I get 3. I expected 4.", {"wrong": "3", "expected": "4"}),
        ("I expected `f(1)` to return `4` but got `3`.", {"wrong": "3", "expected": "4"}),
        ("`f(1)` raises a `ValueError`.", {"raises": "ValueError"}),
        ("`f(1)` raises `pkg.OddError` instead of returning `4`.", {"raises": "pkg.OddError", "expected": "4"}),
        ("`f(1)` returns `3` rather than raising `ValueError`.", {"wrong": "3", "should_raise": "ValueError"}),
        ("`f(1)` should raise `ValueError`.", {"should_raise": "ValueError"}),
        ("`f(1)` should not raise `ValueError`.", {"raises": "ValueError"}),
        ("`f(1)` gives `'a  b'` instead of `'a   b'`.", {"wrong": "'a  b'", "expected": "'a   b'"}),
        ("`f(1)` returns an empty string instead of `'x'`.", {"wrong": "''", "expected": "'x'"}),
        ("`f(1)` returns `3`, although `4` was expected.", {"wrong": "3", "expected": "4"}),
    ],
)
def test_sentences(sentence, said):
    assert only(f"Title\n\n{sentence}\n") == {"call": "f(1)", **said}


@pytest.mark.parametrize(
    "prose",
    [
        "Since version 3.6 this fails on 2 machines; see error(s) at 10%.",
        "The function `f` returns nonsense.",
        "It doesn't work, and that can't be right.",
        "f(x, ...) gives `1`.",
    ],
)
def test_prose_that_claims_nothing(prose):
    assert claims(f"Title\n\n{prose}\n") == []


def test_a_session_with_what_was_expected_after_it():
    text = "Title\n\n```\n>>> from pkg import f\n>>> x = 1\n>>> f(x)\n3\n```\nI expected `4`.\n"
    assert only(text) == {"call": "f(x)", "wrong": "3", "expected": "4"}
    assert claims(text)[0].setup == "from pkg import f\nx = 1"


@pytest.mark.parametrize(
    ("between", "first", "second"),
    [
        ("It gives `2`. I expected `4`.", {"wrong": "2", "expected": "4"}, None),
        ("I expected `4`. Now the following raises `KeyError`:", {"expected": "4"}, {"raises": "KeyError"}),
        ("The above is fine.\n\nBut the next example raises KeyError:", None, {"raises": "KeyError"}),
    ],
)
def test_prose_between_two_scripts_is_of_one_of_them_alone(between, first, second):
    text = f"Title\n\n```python\nimport m\nf(1)\n```\n\n{between}\n\n```python\nimport m\ng(1)\n```\n"
    said = {**({"f(1)": first} if first else {}), **({"g(1)": second} if second else {})}
    assert [claim.call for claim in claims(text)] == list(said)
    for claim in claims(text):
        assert said[claim.call].items() <= vars(claim).items()


def test_an_expected_and_an_actual_session_make_one_claim():
    text = """Title

Actual:

    >>> from pkg import f
    >>> f(1)
    3

Expected:

    >>> f(1)
    4
"""
    assert only(text) == {"call": "f(1)", "wrong": "3", "expected": "4"}


def test_a_session_that_raises():
    text = """Title
>>> from pkg import f
>>> f(1)
2
>>> f(
...     2)
Traceback (most recent call last):
  File "<stdin>", line 1, in <module>
pkg.errors.OddError: no
"""
    assert only(text) == {"call": "f(\n    2)", "raises": "OddError"}


def test_a_step_that_raises_is_no_set_up_of_later_ones():
    text = """Title
>>> from pkg import f
>>> f(0)
Traceback (most recent call last):
...
ValueError: no
>>> f(1)  <--- this is wrong
3
"""
    assert claims(text)[0].setup == "from pkg import f"
    assert only(text) == {"call": "f(1)  # this is wrong", "wrong": "3"}


def test_an_expected_session_may_end_with_the_error_that_should_come():
    shown = "\n```\n>>> f(1)\n{}\n```\n"
    error = "Traceback (most recent call last):\n  ...\nValueError: no"
    text = "Title\n\nI get:" + shown.format("3") + "What I expected to see:" + shown.format(error)
    assert only(text) == {"call": "f(1)", "wrong": "3", "should_raise": "ValueError"}
    text = "Title\n\nThis should not fail but return 3:" + shown.format(error)
    assert only(text)["raises"] == "ValueError"


def test_a_comment_above_a_statement_says_nothing_of_the_one_before():
    (claim,) = claims(fenced("f(1)\n# This returns 3, expected 4\nf(2)\n# -> 5"))
    assert (claim.call, claim.wrong) == ("f(2)", "5")


def test_ipython():
    text = "Title\n\n```\nIn [1]: from pkg import f\n\nIn [2]: f(1)\nOut[2]: 3\n```\nIt should be 4.\n"
    assert only(text) == {"call": "f(1)", "wrong": "3", "expected": "4"}


def test_which_of_several_outputs_is_wrong_is_not_guessed():
    conversion = convert_examples("Title\n\nLook:\n\n>>> f(1)\n1\n>>> f(2)\n3\n")
    assert conversion.examples == ()
    assert "nothing says" in conversion.notes[0]


@pytest.mark.parametrize(
    "labels", [("Expected:", "Actual:"), ("#### Expected Results", "#### Actual Results"), ("I'd expect", "but I get")]
)
@pytest.mark.parametrize("turned", [False, True])
def test_labelled_outputs(labels, turned):
    outputs = [f"{labels[0]}\n```\n[1, 2]\n```\n", f"{labels[1]}\n```\n[2, 1]\n```\n"]
    after = "".join(reversed(outputs) if turned else outputs)
    assert only(fenced("f(1)", after=after)) == {"call": "f(1)", "wrong": "[2, 1]", "expected": "[1, 2]"}


def test_printed_output_is_compared_with_what_all_prints_print():
    text = fenced("print(f(1))\nprint(f(2))", after="Expected output:\n```\n1\n2\n```\n")
    assert only(text) == {"call": "print(f(1))\nprint(f(2))", "expected": "1\n2"}


def test_a_traceback_after_a_script():
    after = '```\nTraceback (most recent call last):\n  File "x.py", line 3, in <module>\nValueError: no\n```\n'
    assert only(fenced("x = f(1)\nx.close()", after=after)) == {"call": "x = f(1)\nx.close()", "raises": "ValueError"}
    wanted = only(fenced("f(1)", after=f"It should raise an error:\n\n{after}"))
    assert wanted == {"call": "f(1)", "should_raise": "ValueError"}


def test_an_exception_need_not_be_called_an_error():
    after = "```\nTraceback (most recent call last):\n  ...\npkg.Invalid: no\n```\n"
    assert only(fenced("f(1)", after=after)) == {"call": "f(1)", "raises": "Invalid"}


def test_assertions():
    assert only(fenced("x = f(1)\nassert x == [1]")) == {"call": "x", "expected": "[1]"}
    assert only(fenced("assert not f(1)")) == {"call": "bool(not f(1))", "expected": "True"}


def test_unmarked_code_is_found():
    text = "Title\nSee this:\nfrom pkg import f\nf(1)  # returns 3, expected 4\nThat is odd.\n"
    assert only(text) == {"call": "f(1)", "wrong": "3", "expected": "4"}


def test_names_are_bound_from_elsewhere_in_the_issue_and_from_the_repository():
    text = "Title\n```python\nfrom pkg import f\nx = [1]\n```\nNow `f(x, g)` returns `1` instead of `2`.\n"
    (example,) = convert_examples(text).examples
    assert set(example.claim.setup.splitlines()) == {"from pkg import f", "x = [1]"}
    assert example.unbound == ("g",)
    assert convert_examples(text).tests == ()

    (example,) = convert_examples(text, {"g": "from pkg.more import g"}.get).examples
    assert "from pkg.more import g" in example.claim.setup.splitlines()
    assert example.unbound == ()


def test_what_is_taken_from_elsewhere_keeps_its_order_even_beside_a_star_import():
    text = "Title\n```python\nfrom pkg import *\na = f(1)\nb = g(a)\n```\nNow `h(b)` returns `1` instead of `2`.\n"
    (claim,) = claims(text)
    assert claim.setup.splitlines() == ["from pkg import *", "a = f(1)", "b = g(a)"]


def test_an_example_given_twice_is_one_test():
    text = fenced("f(1)  # returns 3, expected 4")
    assert len(convert_examples(text + text).tests) == 1


PIECES = (
    *(
        "```",
        "```python\n",
        "~~~",
        "\n",
        ">>> ",
        "... ",
        "In [1]: ",
        "Out[1]: ",
        "    ",
        "\t",
        "\\",
        "\0",
        "é",
        "\ud800",
    ),
    *("f(1)", "# -> ", "returns ", "expected ", "instead of ", "`", "``", "'", '"""', "(", ")", "[", "{", "1e999"),
    *("x = ", "assert ", "print(", "def f():\n", "from x import *\n", "ValueError: no\n"),
    "Traceback (most recent call last):\n",
)


@settings(max_examples=300, deadline=None)
@given(st.lists(st.one_of(st.sampled_from(PIECES), st.text(max_size=8)), max_size=40).map("".join))
def test_no_text_crashes_the_converter_and_every_script_is_valid(text):
    for test in convert_examples(text).tests:
        assert isinstance(ast.parse(test.source), ast.Module)
        assert test.origin.startswith("issue:")


@pytest.mark.parametrize("bomb", ["(" * 5000, "[" * 300 + "]" * 300, "-" * 9000 + "1", "`f(" * 3000, "'" * 20000])
def test_deeply_nested_text_is_left_out(bomb):
    text = f"Title\n```python\nf({bomb})  # -> {bomb}\n```\n`f({bomb})` returns {bomb}"
    assert convert_examples(text).tests == ()
