"""Scripts made of claims, run on a right and on a wrong implementation."""

import ast
import subprocess
import sys
from dataclasses import replace

import pytest

from environments.workbench.scripts.python_text import MAX_SOURCE, literal, unbound_names
from environments.workbench.scripts.test_script import Claim, ScriptError, build_script

MODULE = """
class OddError(ValueError):
    pass


class Point:
    def __init__(self, x):
        self.x = x

    def __repr__(self):
        return f"Point(x={self.x}) at 0x7f00"


def give(value):
    return value


def fail(error=OddError):
    raise error("no")
"""
SETUP = "from pkg import Point, OddError, give, fail"


def exit_code(claim, folder):
    (folder / "pkg.py").write_text(MODULE)
    (folder / "script.py").write_text(build_script(claim))
    run = "import runpy, sys; runpy.run_path('script.py', {'issue_present': lambda: sys.exit(2)}, '__main__')"
    done = subprocess.run([sys.executable, "-c", run], cwd=folder, capture_output=True, text=True, check=False)
    return done.returncode


@pytest.mark.parametrize(
    "call, expected, code",
    [
        ("give(3)", "3", 0),
        ("give(3)", "4", 2),
        ("give(3)", "'3'", 2),
        ("give(1)", "True", 2),
        ("give(True)", "True", 0),
        ("give(None)", "None", 0),
        ("give(0)", "None", 2),
        ("give([1, 2])", "[1,2]", 0),
        ("give((1, 2))", "[1, 2]", 2),
        ("give({'b': 1, 'a': 2})", "{'a': 2, 'b': 1}", 0),
        ("give(2 / 3)", "0.6667", 0),
        ("give(2 / 3)", "0.6666", 2),
        ("give('x')", "0.6667", 2),
        ("give(Point(1))", "Point(x=1) at 0x55aa", 0),
        ("give(Point(1))", "Point(x=2) at 0x55aa", 2),
        ("give(OddError)", "OddError", 0),
        ("give('a b')", "a  b", 0),
        ("print(give(3), 4)", "3 4", 0),
        ("print(give(3))\nprint(5)", "3\n5", 0),
        ("print(give(3))", "4", 2),
        ("fail()", "3", 2),
        ("give(undefined)", "3", 1),
    ],
)
def test_an_expected_value(tmp_path, call, expected, code):
    assert exit_code(Claim(call, SETUP, expected=expected), tmp_path) == code


@pytest.mark.parametrize("call, wrong, code", [("give(3)", "3", 2), ("give(4)", "3", 0), ("fail()", "3", 1)])
def test_a_wrong_value_alone_passes_with_any_other(tmp_path, call, wrong, code):
    assert exit_code(Claim(call, SETUP, wrong=wrong), tmp_path) == code


def test_a_wrong_value_that_equals_the_expected_one_is_told_from_it_by_type(tmp_path):
    assert exit_code(Claim("give(2)", SETUP, expected="2.0", wrong="2"), tmp_path) == 2
    assert exit_code(Claim("give(2.0)", SETUP, expected="2.0", wrong="2"), tmp_path) == 0


@pytest.mark.parametrize(
    "call, name, code", [("fail()", "OddError", 2), ("fail()", "pkg.ValueError", 2), ("give(1)", "OddError", 0)]
)
def test_an_exception_that_should_not_come(tmp_path, call, name, code):
    assert exit_code(Claim(call, SETUP, raises=name), tmp_path) == code
    assert exit_code(Claim("fail(KeyError)", SETUP, raises=name), tmp_path) == 1


@pytest.mark.parametrize("call, code", [("fail()", 0), ("fail(KeyError)", 2), ("give(1)", 2), ("give(undefined)", 1)])
def test_an_exception_that_should_come(tmp_path, call, code):
    assert exit_code(Claim(call, SETUP, should_raise="ValueError"), tmp_path) == code


def test_a_claimed_exception_may_come_in_the_set_up_already(tmp_path):
    setup = f"{SETUP}\nx = fail()"
    for claim in (Claim("x", setup, expected="3"), Claim("x", setup, should_raise="KeyError"), Claim("give(x)", setup)):
        assert exit_code(replace(claim, raises="OddError"), tmp_path) == 2
    assert exit_code(Claim("x", setup, expected="3", raises="KeyError"), tmp_path) == 1
    assert exit_code(Claim("x", f"{SETUP}\nx = give(3)", expected="3", raises="KeyError"), tmp_path) == 0


@pytest.mark.parametrize("message, code", [("no", 0), ("not so", 2)])
def test_a_message_counts_where_it_is_given(tmp_path, message, code):
    claim = Claim("fail()", SETUP, raises="OddError: what", should_raise=f"pkg.OddError: {message}")
    assert exit_code(claim, tmp_path) == code


def test_a_set_up_that_fails_is_the_script_s_own_fault(tmp_path):
    for setup in ("from pkg import nothing", f"{SETUP}\nfail()"):
        assert exit_code(Claim("give(3)", setup, expected="4"), tmp_path) == 1


def test_texts_over_several_lines_keep_their_content(tmp_path):
    call = 'x = """a\n  b"""\ngive(x).index("\\n  b")\nfail()'
    assert exit_code(Claim(call, f"from __future__ import annotations\n{SETUP}", raises="OddError"), tmp_path) == 2


@pytest.mark.parametrize(
    "claim, message",
    [
        (Claim("f(", expected="1"), "call is not valid Python: line 1"),
        (Claim("f()", "import", expected="1"), "set-up is not valid Python: line 1"),
        (Claim("", expected="1"), "no call"),
        (Claim("f()"), "neither"),
        (Claim("f()", raises="not a name"), "not the name of an exception"),
        (Claim("return f()", raises="E"), "valid Python script together"),
        (Claim("f()", "x = 1 #" + "x" * MAX_SOURCE, expected="1"), "longer than"),
        (Claim("f(" + "(" * 3000 + ")" * 3000 + ")", expected="1"), "call is not valid Python"),
    ],
)
def test_a_claim_that_makes_no_script_says_why(claim, message):
    with pytest.raises(ScriptError, match=message):
        build_script(claim)


def test_hostile_texts_stay_texts():
    for text in ("'); import os; os.system('x", "{0}", '"""', "\\", "\n    sys.exit(0)"):
        script = build_script(Claim("f()", "from pkg import f", expected=text, wrong=text))
        calls = [node for node in ast.walk(ast.parse(script)) if isinstance(node, ast.Call)]
        assert not any(isinstance(call.func, ast.Attribute) and call.func.attr == "system" for call in calls)


def test_unbound_names():
    assert unbound_names("import a\nfrom b import c as d\nx = a(d, e)\ndef f(y): return y + g + x\nf(h)") == (
        "e",
        "h",
        "g",
    )
    assert unbound_names("from a import *\nb(c)") == ()
    assert unbound_names("def f(") == ()
    assert unbound_names("[i for i in range(3)]\nlambda z: z\nclass A: b = 1; c = b") == ()


@pytest.mark.parametrize(
    "text, spelled", [("[1,2]", "[1, 2]"), ('"a"', "'a'"), ("-1", "-1"), ("f(1)", None), ("a b", None)]
)
def test_literals(text, spelled):
    assert literal(text) == spelled
