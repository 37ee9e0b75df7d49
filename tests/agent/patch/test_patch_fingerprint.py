import pytest

from agent.patch import syntax_fingerprint

BEFORE = b'''
def f(a, b):
    """Doc."""
    total = a
    return total
'''
FIX = b'''
def f(a, b):
    """Doc."""
    total = a + b
    for item in b:
        total += item
    def inner(x):
        nonlocal total
        total = [x for x in total]
        return total
    return inner
'''


def fingerprint(after, before=BEFORE, path="p.py"):
    return syntax_fingerprint({path: before}, {path: after})


@pytest.mark.parametrize(
    "after",
    [
        FIX.replace(b"total", b"result"),
        FIX.replace(b"item", b"one"),
        FIX.replace(b"inner", b"closure"),
        FIX.replace(b"a + b", b"(a  +  b)  # both"),
        FIX.replace(b'"""Doc."""', b'"""Other.\n\n    Longer.\n    """'),
        FIX.replace(b'    """Doc."""\n', b""),
        FIX.replace(b"[x for x in total]", b"[y for y in total]"),
        FIX.replace(b"\n", b"\r\n"),
    ],
    ids=["local", "loop", "function", "format", "docstring", "no-docstring", "comprehension", "crlf"],
)
def test_equal_but_for_looks(after):
    assert fingerprint(after) == fingerprint(FIX)


@pytest.mark.parametrize(
    "after",
    [
        FIX.replace(b"a + b", b"a - b"),
        FIX.replace(b"total += item", b"total += a"),
        FIX.replace(b"f(a, b)", b"f(a, c)"),
        FIX.replace(b"def f", b"def g"),
        FIX.replace(b"        nonlocal total\n", b""),
        BEFORE,
    ],
    ids=["operator", "variable", "parameter", "global-name", "scope", "none"],
)
def test_different_where_the_meaning_may_be(after):
    assert fingerprint(after) != fingerprint(FIX)


def test_a_docstring_is_no_change():
    assert fingerprint(BEFORE.replace(b"Doc", b"New")) == syntax_fingerprint({}, {})


def test_names_of_classes_and_globals_count():
    before = b"x = 1\nclass A:\n    y = 2\n    def m(self):\n        return y\n"
    renamed = before.replace(b"y = 2", b"z = 2")
    assert fingerprint(renamed, before) != fingerprint(before.replace(b"y", b"z"), before)


@pytest.mark.parametrize(
    "after", [b"def f(:\n", b"(" * 5000 + b")" * 5000, b"x = '\0'\n", b"\xff\xfe", b"-" * 20000 + b"1\n"]
)
def test_hostile_files_count_with_their_bytes(after):
    assert fingerprint(after) == fingerprint(after)
    assert fingerprint(after) != fingerprint(after + b"\n#")


def test_other_files_count_with_their_bytes():
    assert fingerprint(b"a: 1\n", b"a: 0\n", "x.yaml") != fingerprint(b"a:  1\n", b"a: 0\n", "x.yaml")


def test_a_parameter_hides_a_local_of_the_enclosing_function():
    code = b"def f():\n    x = 1\n    def g(x):\n        return x\n    return x, g\n"
    other = b"def f():\n    y = 1\n    def g(x):\n        return x\n    return y, g\n"
    assert fingerprint(code) == fingerprint(other)


def test_match_and_except_names_are_locals():
    code = b"""
def f(v):
    try:
        pass
    except E as err:
        print(err)
    match v:
        case [head, *tail]:
            return head, tail
        case {'k': 1, **more}:
            return more
"""
    other = code
    for old, new in [(b"err", b"oops"), (b"head", b"h"), (b"tail", b"t"), (b"more", b"m")]:
        other = other.replace(old, new)
    assert fingerprint(code) == fingerprint(other)
