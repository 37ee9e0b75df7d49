import pytest

from agent.patch import change_fingerprint, make_patch, read_change
from agent.patch.statements import local_names, statements
from agent.patch.tokens import is_comment, is_identifier, tokens, words


def test_tokens_leave_out_comments_and_take_strings_apart_when_asked():
    line = "x = f('a # b', 1.5)  # why"
    assert tokens(line) == ["x", "=", "f", "(", "'a # b'", ",", "1.5", ")"]
    assert words(line) == ["x", "=", "f", "(", "a", "b", ",", "1.5", ")"]
    assert is_comment("  # x")
    assert not is_comment("x  # x")
    assert [word for word in ("x", "self", "if", "1", "'x'") if is_identifier(word)] == ["x"]


@pytest.mark.parametrize("line", ['"\\' * 500_000, "'" * 1_000_001, "a," * 400_000, "(" * 900_000, "\ud800\0"])
def test_megabytes_of_anything_are_tokens_or_none(line):
    assert len(tokens(line)) <= len(line)
    statements([line])


def test_a_statement_ends_outside_brackets():
    (first, second) = statements(["  f(a,", "", "# no", "    b,", ")", "  x = 1 + \\", "2"])
    assert (first.indent, first.tokens) == (2, ["f", "(", "a", ",", "b", ")"])
    assert (second.indent, second.tokens) == (2, ["x", "=", "1", "+", "2"])


def test_names_bound_before_they_are_read_are_local():
    lines = [
        "    a = 1",
        "    for b, c in x:",
        "        print(a, b, c)",
        "    d = d + 1",
        "    e = 2",
        "    f(g=1, h=a)",
    ]
    assert local_names(statements(lines)) == ["a", "b", "c"]
    assert local_names(statements(["A = 1", "print(A)"])) == []
    assert local_names(statements(["    y = [v for v in z if v]", "    return y"])) == ["v", "y"]


BEFORE = b"def f(a):\n    one()\n    two()\n    return a\n"


def fingerprint(body: str, path="p.py") -> str:
    after = b"def f(a):\n" + body.encode() + b"    return a\n"
    return change_fingerprint(read_change(make_patch({path: BEFORE}, {path: after})))


@pytest.mark.parametrize(
    "one,other",
    [
        ("    x = 1\n    g(x)\n", "    y = 1\n    g(y)\n"),
        ("    g(1)\n", "    # why\n    g(1)  # because\n\n"),
        ("    g(1, 2)\n", "    g(\n        1,\n        2,\n    )\n"),
        ("    g(1, 2)\n", "    g(1, \\\n      2)\n"),
        ("    g('x')\n", '    g(u"x")\n'),
        ("    g(1)\n", '    """Says what.\n\n    At length.\n    """\n    g(1)\n'),
        ("    for i in a:\n        g(i)\n", "    for item in a:\n        g(item)\n"),
    ],
    ids=["local", "comments", "wrapped", "backslash", "quotes", "docstring", "loop"],
)
def test_equal_but_for_looks(one, other):
    assert fingerprint(one) == fingerprint(other)


@pytest.mark.parametrize(
    "one,other",
    [
        ("    g(reverse=True)\n", "    g(strict=True)\n"),
        ("    v = a.v\n    g(v)\n", "    w = a.w\n    g(w)\n"),
        ("    v = a\n    g(v=v)\n", "    w = a\n    g(w=w)\n"),
        ("    g()\n    h()\n", "    h()\n    g()\n"),
        ("    if a:\n        g()\n    h()\n", "    if a:\n        g()\n        h()\n"),
        ("    g('x  y')\n", "    g('x y')\n"),
        ("    g('#1')\n", "    g('#2')\n"),
        ('    g("""\n# 1\n""")\n', '    g("""\n# 2\n""")\n'),
        ("    g((1,))\n", "    g((1))\n"),
        ("    many = True\n", "    one_only = True\n"),
        ("    def h(a, b=None): pass\n", "    def h(a, c=None): pass\n"),
        ("    a = g(a)\n    h(a)\n", "    b = g(a)\n    h(b)\n"),
    ],
    ids=[
        *(
            "keyword",
            "attribute",
            "own-keyword",
            "order",
            "indent",
            "spaces",
            "hash-in-string",
            "hash-in-text",
            "tuple",
        ),
        *("class-attribute", "parameter", "argument"),
    ],
)
def test_different_where_the_meaning_may_be(one, other):
    assert fingerprint(one) != fingerprint(other)


def test_in_other_files_a_hash_is_no_comment():
    assert fingerprint("    #include <a>\n", "p.c") != fingerprint("    #include <b>\n", "p.c")
    assert fingerprint("    a  b\n", "p.c") == fingerprint("  a b\n", "p.c")
    assert change_fingerprint(read_change("")) == ""
