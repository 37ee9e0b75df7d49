"""Finds a call that shows a bug: what failing tests check, evaluated on the mutated and on the original tree."""

from __future__ import annotations

import ast
import json
import secrets
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from importlib.resources import files
from pathlib import PurePosixPath
from typing import Any

from environments.bounded import json_value
from environments.synthesis.cutting import TestFunction, function_node
from environments.synthesis.evidence.assertions import Check, checks
from environments.synthesis.evidence.example import Answer, BugExample
from environments.synthesis.evidence.slicing import NotSelfContained, Scope, Snippet, snippet
from environments.synthesis.laboratory import PROBE_TIMEOUT, Changes, Laboratory
from environments.workbench.scripts.script_runner import python_command
from environments.workbench.tests_at_once import TURNS

MAX_CODE = 600
"""Characters of an example; a user would not report a longer one."""
MAX_VERIFIED = 8
"""Examples tried on their own, shortest first."""


@dataclass(frozen=True)
class _Found:
    check: Check
    scope: Scope
    bindings: dict[str, str]


def find_example(
    laboratory: Laboratory, mutated: Changes, tests: Iterable[TestFunction], public: frozenset[str]
) -> BugExample | None:
    """Return the shortest verified example of the difference that failing tests see; None when there is none.

    ``tests``: the failing functions, read from the original tree. ``public``: the package's top-level import names.
    An example is verified in fresh processes: on the mutated tree it gives ``actual``, on the original ``expected``.
    """
    snippets: set[Snippet] = set()
    for found in _differences(laboratory, mutated, tests, public):
        try:
            made = snippet(found.check, found.scope, found.bindings)
        except NotSelfContained:
            continue
        if _size(made) <= MAX_CODE:
            snippets.add(made)
    for made in sorted(snippets, key=lambda made: (_is_bare_truth(made), _size(made), made.expression))[:MAX_VERIFIED]:
        example = _verify(laboratory, mutated, made)
        if example is not None:
            return example
    return None


def _differences(
    laboratory: Laboratory, mutated: Changes, tests: Iterable[TestFunction], public: frozenset[str]
) -> Iterator[_Found]:
    """Yield every turn of every check whose answer differs between the trees."""
    by_path: dict[str, list[str]] = {}
    for test in tests:
        by_path.setdefault(test.path, []).append(test.symbol)
    for path, symbols in sorted(by_path.items()):
        source = laboratory.read(path)
        scope = Scope(ast.parse(source), _package(laboratory, path), public)
        found = [check for symbol in symbols for check in checks(function_node(source, symbol))]
        order = {"module": path, "candidates": [_candidate(check) for check in found]}
        wrong, right = _probe(laboratory, mutated, order), _probe(laboratory, {}, order)
        for check, rows, goals in zip(found, wrong, right, strict=False):
            for row, goal in zip(rows, goals, strict=False):
                if row["bindings"] == goal["bindings"] and _answer(row) != _answer(goal):
                    yield _Found(check, scope, {k: v for k, v in goal["bindings"].items() if v is not None})


def _package(laboratory: Laboratory, path: str) -> str:
    parts: list[str] = []
    folder = PurePosixPath(path).parent
    while (laboratory.tree / folder / "__init__.py").exists() and folder.name:
        parts.insert(0, folder.name)
        folder = folder.parent
    return ".".join(parts)


def _candidate(check: Check) -> dict[str, Any]:
    setup = [ast.unparse(statement) for statement in check.before if not isinstance(statement, ast.Assert)]
    loops = [[ast.unparse(loop.target), ast.unparse(loop.iterable)] for loop in check.loops]
    return {"loops": loops, "setup": setup, "expression": ast.unparse(check.expression)}


def _verify(laboratory: Laboratory, mutated: Changes, made: Snippet) -> BugExample | None:
    code = {"loops": [], "setup": [*made.imports, *made.setup], "expression": made.expression}
    answers = []
    for tree in (mutated, mutated, {}, {}):
        rows = _probe(laboratory, tree, {"module": None, "candidates": [code]})
        if not rows or not rows[0]:
            return None
        answers.append(_answer(rows[0][0]))
    actual, again, expected, once_more = answers
    steady = actual == again and expected == once_more and actual != expected
    if not steady or not actual.presentable or not expected.presentable:
        return None
    return BugExample(
        imports=made.imports, setup=made.setup, expression=made.expression, actual=actual, expected=expected
    )


def _probe(laboratory: Laboratory, tree: Changes, order: dict[str, Any]) -> list[list[dict[str, Any]]]:
    """Evaluate candidates in a fresh process on a tree; no answers when the process did not come to its end."""
    program = (files("environments.synthesis.evidence") / "probe.py").read_text(encoding="utf-8")
    answer = f"/tmp/{secrets.token_hex(8)}/answer.json"
    stdin = json.dumps({**order, "answer": answer}).encode()
    with laboratory.fork(tree) as sandbox:
        command = python_command(laboratory.package.environment, "-c", program)
        with TURNS.turn():
            sandbox.run(command, timeout=PROBE_TIMEOUT, stdin=stdin)
        try:
            answers = json_value(sandbox.read(answer))
        except (FileNotFoundError, ValueError):
            return []
    return answers if isinstance(answers, list) else []


def _answer(row: dict[str, Any]) -> Answer:
    return Answer.model_validate(row)


def _size(made: Snippet) -> int:
    return sum(map(len, [*made.imports, *made.setup, made.expression]))


def _is_bare_truth(made: Snippet) -> bool:
    """A comparison shows only True or False: less telling than a value."""
    return isinstance(ast.parse(made.expression, mode="eval").body, ast.Compare)
