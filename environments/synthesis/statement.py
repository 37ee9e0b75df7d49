"""Problem statements from evidence, by templates, the way a user would report the bug."""

from __future__ import annotations

import ast
import random
from collections.abc import Iterable
from importlib.resources import files

from jinja2 import DictLoader, Environment, StrictUndefined

from environments.synthesis.evidence import Answer, Example
from environments.synthesis.recipe import StatementKind

MAX_SHOWN = 120
"""Characters of a value that prose quotes."""


def templates(kind: StatementKind) -> list[str]:
    """Return the ids of the templates of a kind, sorted."""
    return sorted(name for name in _sources() if name.startswith(f"{kind.value}-"))


def draw_template(kind: StatementKind, example: Example, rng: random.Random) -> str:
    """Draw a template that fits the example."""
    names = templates(kind)
    if kind is StatementKind.EXAMPLE and not _fits_a_prompt(example):
        names = [name for name in names if "prompt" not in name]
    return rng.choice(names)


def _fits_a_prompt(example: Example) -> bool:
    """Say whether an interactive session would show exactly this: no blocks, no echo between, no silent None."""
    quiet = all("\n" not in code and not isinstance(ast.parse(code).body[0], ast.Expr) for code in example.setup)
    return quiet and "None" not in (example.actual.result, example.expected.result)


def render(template: str, example: Example, package: str, version: str) -> str:
    """Write the statement."""
    environment = Environment(
        loader=DictLoader(_sources()), undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True, autoescape=False
    )
    text = environment.get_template(template).render(
        package=package,
        version=version,
        subject=subject(example),
        inputs=[quoted(text) for text in inputs(example)],
        code=[*example.imports, *example.setup],
        expression=example.expression,
        actual=example.actual,
        expected=example.expected,
        got=in_words(example.actual),
        wanted=in_words(example.expected),
    )
    return text.strip() + "\n"


def subject(example: Example) -> str:
    """Name what the user called: ``function``, ``Class`` or ``Class.method``; the operation, when it is no call."""
    body = ast.parse(example.expression, mode="eval").body
    calls = [node for node in ast.walk(body) if isinstance(node, ast.Call)]
    for call in calls:
        name = _dotted(call.func)
        if name not in ("list", "dict", "set", "tuple", "sorted", "str", "repr", "len", "bool", "type", "next", "iter"):
            return name
    names = [_dotted(node) for node in ast.walk(body) if isinstance(node, ast.Attribute)]
    return (names or [line.split()[-1] for line in example.imports] or [example.expression])[0]


def inputs(example: Example) -> list[str]:
    """Return the literal arguments of the calls, the expression's first, at most three."""
    trees = [ast.parse(example.expression), *(ast.parse(code) for code in reversed(example.setup))]
    found: list[str] = []
    for tree in trees:
        for call in (node for node in ast.walk(tree) if isinstance(node, ast.Call)):
            for argument in [*call.args, *(keyword.value for keyword in call.keywords)]:
                text = ast.unparse(argument)
                if _is_literal(argument) and text not in found:
                    found.append(text)
    return found[:3]


def in_words(answer: Answer) -> str:
    """Say what came back."""
    if answer.result is not None:
        return quoted(answer.result)
    if not answer.message:
        return f"a {answer.error}"
    return f"a {answer.error} that says {quoted(answer.message)}"


def quoted(text: str) -> str:
    """Quote a value, cut when it is long."""
    one_line = " ".join(text.split())
    shown = one_line if len(one_line) <= MAX_SHOWN else one_line[:MAX_SHOWN] + "..."
    return f"`{shown}`"


def reveals(statement: str, secrets: Iterable[str]) -> str | None:
    """Return the first of the secrets (test names, the fix) that stands in a statement."""
    flat = " ".join(statement.split())
    return next((secret for secret in secrets if secret and " ".join(secret.split()) in flat), None)


def _dotted(node: ast.expr) -> str:
    if isinstance(node, ast.Name):
        return node.id
    if isinstance(node, ast.Attribute):
        return f"{_dotted(node.value)}.{node.attr}"
    if isinstance(node, ast.Call):
        return _dotted(node.func)
    if isinstance(node, ast.Constant):
        return type(node.value).__name__
    return "object"


def _is_literal(node: ast.expr) -> bool:
    try:
        ast.literal_eval(node)
    except (ValueError, TypeError, SyntaxError):
        return False
    return True


def _sources() -> dict[str, str]:
    folder = files("environments.synthesis") / "templates"
    return {
        entry.name.removesuffix(".jinja"): entry.read_text(encoding="utf-8")
        for entry in folder.iterdir()
        if entry.name.endswith(".jinja")
    }
