"""Scripts that show an issue, written as a maintainer writes a test."""

import ast

import pytest

from environments.workbench.scripts.test_script import Claim, build_script
from swebench_runs.checkouts.handing_over.suite_test import forms, name_of_test


def plainest(script, *, unittest=False):
    return next(forms(script, "test_it", unittest=unittest))


@pytest.mark.parametrize(
    "claim, body",
    [
        (Claim("double(2)", setup="from m import double", expected="4", wrong="5"), "assert double(2) == 4"),
        (Claim("f('a')", setup="from m import f", raises="ValueError: bad"), "f('a')"),
        (Claim("F(2)", setup="from m import F", expected="<F 2>"), "assert repr(F(2)) == '<F 2>'"),
        (Claim("f()", setup="from m import f", expected="None"), "assert f() is None"),
        (Claim("f()", setup="from m import f", wrong="3"), "assert f() != 3"),
    ],
)
def test_a_claim_is_one_line_and_nothing_of_the_harness(claim, body):
    text = plainest(build_script(claim))
    imported = claim.setup
    assert text == f"{imported}\n\n\ndef test_it():\n    {body}\n"


def test_what_a_model_wrote_keeps_its_steps_and_definitions():
    script = (
        "import os, sys\nfrom m import f\n\ndef helper(x):\n    return f(x) + os.sep\n\n"
        "value = helper(3)\nprint(value)\nif value != 'a' or not value:\n    print('bad')\n    issue_present(value)\n"
    )
    assert plainest(script, unittest=True) == (
        "import unittest\nimport os\nfrom m import f\n\n\ndef helper(x):\n    return f(x) + os.sep\n\n\n"
        "class TestIssue(unittest.TestCase):\n    def test_it(self):\n        value = helper(3)\n        print(value)\n"
        "        assert not (value != 'a' or not value)\n"
    )


@pytest.mark.parametrize("unittest", [True, False])
@pytest.mark.parametrize(
    "script",
    [
        build_script(Claim("f(1)", setup="from m import f", should_raise="ValueError: bad")),
        "try:\n    x = 1\nfinally:\n    issue_present()\n",
        "for x in [1]:\n    if x:\n        issue_present()\n    else:\n        pass\n",
        "from __future__ import annotations\nx = '''a\n  b\n'''\nif x: issue_present()\n",
        "def f(:\n",
        "",
    ],
)
def test_every_form_of_anything_is_python_without_the_harness(script, unittest):
    for form in forms(script, "test_it", unittest=unittest):
        ast.parse(form)
        assert "issue_present" not in form


@pytest.mark.parametrize(
    "issue, name",
    [
        ("double() is one too high\n\nmore", "test_double_is_one_too_high"),
        ("", "test_issue"),
        ("¿qué?", "test_qu"),
        ("a " * 50, "test_a_a_a_a_a_a_a_a"),
    ],
)
def test_a_test_is_named_after_its_issue(issue, name):
    assert name_of_test(issue) == name
