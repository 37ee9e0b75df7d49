"""Problem statements from evidence, by templates, the way a user would report the bug."""

from __future__ import annotations

import ast
import builtins
import random
from collections.abc import Iterable, Mapping
from importlib.resources import files

from jinja2 import DictLoader, Environment, StrictUndefined

from environments.synthesis.evidence.example import Answer, Example
from environments.synthesis.recipe import StatementKind

_PLAIN = frozenset(name for name in dir(builtins) if name.islower()) | {"object"}
"""Not what a report is about: ``list(f(x))`` is about ``f``."""
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
    answers = (example.actual, example.expected)
    shown = all(answer.result != "None" and not answer.in_setup for answer in answers)
    return quiet and shown


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
    """Name what the user called or read: ``function``, ``Class.method`` or ``Class.attribute``."""
    made = _made_by(example.setup)
    body = ast.parse(example.expression, mode="eval").body
    nodes = list(ast.walk(body))
    calls = [_dotted(node.func, made) for node in nodes if isinstance(node, ast.Call)]
    reads = [_dotted(node, made) for node in nodes if isinstance(node, ast.Attribute | ast.Name)]
    return next((name for name in [*calls, *reads] if name not in _PLAIN), example.expression)


def _made_by(setup: Iterable[str]) -> dict[str, ast.expr]:
    """Map each variable of the setup to the call that made it."""
    found: dict[str, ast.expr] = {}
    for statement in ast.parse("\n".join(setup)).body:
        if isinstance(statement, ast.Assign) and isinstance(statement.value, ast.Call):
            found |= {target.id: statement.value.func for target in statement.targets if isinstance(target, ast.Name)}
    return found


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
    error = f"{'an' if answer.error[:1] in 'AEIOU' else 'a'} {answer.error}"
    return f"{error} that says {quoted(answer.message)}" if answer.message else error


def quoted(text: str) -> str:
    """Quote a value, cut when it is long."""
    one_line = " ".join(text.split())
    shown = one_line if len(one_line) <= MAX_SHOWN else one_line[:MAX_SHOWN] + "..."
    return f"`{shown}`"


def reveals(statement: str, secrets: Iterable[str]) -> str | None:
    """Return the first of the secrets (test names, the fix) that stands in a statement."""
    flat = " ".join(statement.split())
    return next((secret for secret in secrets if secret and " ".join(secret.split()) in flat), None)


def _dotted(node: ast.expr, made: Mapping[str, ast.expr]) -> str:
    """Name a callable without its arguments; an object by its class, a function's result by the function."""
    if isinstance(node, ast.Name):
        return _dotted(made[node.id], {}) if node.id in made else node.id
    if isinstance(node, ast.Call):
        return _dotted(node.func, made)
    if isinstance(node, ast.Attribute):
        owner = _dotted(node.value, made)
        if owner == "object":
            return owner
        returned = isinstance(node.value, ast.Call) or (isinstance(node.value, ast.Name) and node.value.id in made)
        a_class = owner.rpartition(".")[2][:1].isupper()
        return owner if returned and not a_class else f"{owner}.{node.attr}"
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
