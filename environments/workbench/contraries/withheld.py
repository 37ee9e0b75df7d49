"""Test files whose answers are withheld: an assertion compares no longer, it sends what it found out of the sandbox.

``assert total(x) == 7`` becomes ``assert answered(17, total(x))``: the 7 is nowhere in the process that runs the code
under test, nor in its files, and the comparison is made here (``sent``). Whatever that process does to its test runner,
its reports or the objects that it returns, it has to come to 7. Only comparisons with a literal can be taken apart so,
and of these only such as are reached in any case; line numbers stay as they are.
"""

from __future__ import annotations

import ast
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from environments.workbench.contraries.assertions import Edit, parsed, reached, span, tests_of

_EQUALITIES = frozenset(
    {"assertEqual", "assertEquals", "assertListEqual", "assertTupleEqual", "assertDictEqual", "assertSetEqual"}
    | {"assertMultiLineEqual"}
)
_NOT_SENT = (ast.Starred, ast.NamedExpr, ast.Yield, ast.YieldFrom)
_SENDER = Path(__file__).with_name("sender.py").read_text(encoding="utf-8")


@dataclass(frozen=True)
class Comparison:
    """An assertion that something is equal to a literal."""

    test: str
    """The test that it is in: ``test`` or ``Class::test``."""
    answer: object
    """The literal's value, of Python's plain types."""
    before: tuple[int, int]
    """What stands before the expression that is compared, in the file's bytes."""
    after: tuple[int, int]


@dataclass(frozen=True)
class Answers:
    """What was taken out of test files, and where they send what they found in its place."""

    path: str = ""
    """The file inside the sandbox that they write to."""
    expected: Mapping[int, object] = field(default_factory=dict)
    """Number of the assertion -> what it must be equal to."""
    tests: Mapping[int, tuple[str, str]] = field(default_factory=dict)
    """Number of the assertion -> path and name of its test."""


NO_ANSWERS = Answers()


def comparisons(source: bytes) -> tuple[Comparison, ...]:
    """Return the assertions of a file's tests whose answer can be withheld; none for what cannot be read."""
    read = parsed(source)
    if read is None:
        return ()
    tree, starts = read
    found = []
    for name, function in tests_of(tree):
        for statement in reached(function.body, inside=True):
            one = _comparison(name, statement, starts)
            if one is not None:
                found.append(one)
    return tuple(found)


def withheld(source: bytes, numbered: Mapping[int, Comparison], word: str) -> tuple[list[Edit], bytes]:
    """Return the edits that take answers out of a file, and what is put at its end.

    ``word``: names the function by which what was found is sent.
    """
    edits: list[Edit] = []
    for number, one in numbered.items():
        lines = [source[start:end].count(b"\n") for start, end in (one.before, one.after)]
        edits.append((*one.before, f"{word}({number}, ".encode() + b"\n" * lines[0]))
        edits.append((*one.after, b"\n" * lines[1] + b")"))
    return edits, b"\n\n" + _SENDER.replace("NAME", word).encode()


def answers_path(word: str) -> str:
    """Return the file that a function of that name writes to, inside the sandbox."""
    return f"/tmp/{word}"


def _comparison(test: str, statement: ast.stmt, starts: Sequence[int]) -> Comparison | None:
    if isinstance(statement, ast.Assert) and isinstance(statement.test, ast.Compare):
        compared = statement.test
        if len(compared.ops) != 1 or not isinstance(compared.ops[0], ast.Eq):
            return None
        whole: ast.expr = compared
        sides = [compared.left, compared.comparators[0]]
    else:
        call = statement.value if isinstance(statement, ast.Expr) else None
        if not isinstance(call, ast.Call) or not isinstance(call.func, ast.Attribute) or len(call.args) < 2:
            return None
        is_own = isinstance(call.func.value, ast.Name) and call.func.value.id == "self"
        if not is_own or call.func.attr not in _EQUALITIES:
            return None
        whole, sides = call, call.args[:2]
    plain = [_literal(side) for side in sides]
    if (plain[0] is None) == (plain[1] is None):
        return None
    asked, literal = (sides[1], plain[0]) if plain[0] is not None else (sides[0], plain[1])
    if literal is None or any(isinstance(node, _NOT_SENT) for node in ast.walk(asked)):
        return None
    (start, end), (first, last) = span(whole, starts), span(asked, starts)
    return Comparison(test, literal[0], (start, first), (last, end))


def _literal(node: ast.expr) -> tuple[object] | None:
    """Return the value of a literal, alone in a tuple; None for what is none."""
    try:
        return (ast.literal_eval(node),)
    except (ValueError, TypeError, SyntaxError, MemoryError, RecursionError):
        return None
