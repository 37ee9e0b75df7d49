"""Problem statements from evidence, by templates, the way a user would report the bug."""

from __future__ import annotations

import ast
import builtins
import random
import sys
from collections.abc import Iterable, Mapping
from importlib.resources import files

from jinja2 import DictLoader, Environment, StrictUndefined

from environments.synthesis.evidence.example import Answer, BugExample
from environments.synthesis.recipe import StatementKind

_PLAIN = frozenset(name for name in dir(builtins) if name.islower()) | {"object"}
"""Not what a report is about: ``list(f(x))`` is about ``f``."""
MAX_SHOWN = 120
"""Characters of a value that prose quotes."""


def templates(kind: StatementKind) -> list[str]:
    """Return the ids of the templates of a kind, sorted."""
    return sorted(name for name in _sources() if name.startswith(f"{kind.value}-"))


def draw_template(kind: StatementKind, example: BugExample, rng: random.Random) -> str:
    """Draw a template that fits the example."""
    names = templates(kind)
    if kind is StatementKind.EXAMPLE and not _fits_a_prompt(example):
        names = [name for name in names if "prompt" not in name]
    return rng.choice(names)


def _fits_a_prompt(example: BugExample) -> bool:
    """Say whether an interactive session would show exactly this: no blocks, no echo between, no silent None."""
    quiet = all("\n" not in code and not isinstance(ast.parse(code).body[0], ast.Expr) for code in example.setup)
    answers = (example.actual, example.expected)
    shown = all(answer.result != "None" and not answer.in_setup for answer in answers)
    return quiet and shown


def render(template: str, example: BugExample, package: str, version: str) -> str:
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


def subject(example: BugExample) -> str:
    """Name what the user called or read: ``function``, ``Class.method`` or ``Class.attribute``.

    What the example itself or the standard library defines is passed over for what the setup calls.
    """
    setup = ast.parse("\n".join(example.setup))
    made = {name: value.func for name, value in _assigned(setup) if isinstance(value, ast.Call)}
    own = ({name for name, _ in _assigned(setup)} | _standard(example.imports)) - set(made)
    names = [*_named(ast.parse(example.expression), made), *_named(setup, made)]
    return next((name for name in names if name.partition(".")[0] not in _PLAIN | own), example.expression)


def _standard(imports: Iterable[str]) -> set[str]:
    """Return the names that the standard library gives: they are not to blame."""
    found: set[str] = set()
    for statement in ast.parse("\n".join(imports)).body:
        if isinstance(statement, ast.Import | ast.ImportFrom):
            modules = [getattr(statement, "module", None) or alias.name for alias in statement.names]
            names = [alias.asname or alias.name.partition(".")[0] for alias in statement.names]
            found |= {n for m, n in zip(modules, names, strict=True) if m.partition(".")[0] in sys.stdlib_module_names}
    return found


def _named(tree: ast.AST, made: Mapping[str, ast.expr]) -> list[str]:
    nodes = list(ast.walk(tree))
    calls = [_dotted(node.func, made) for node in nodes if isinstance(node, ast.Call)]
    reads = [_dotted(node, made) for node in nodes if isinstance(node, ast.Attribute | ast.Name)]
    return [*calls, *reads]


def _assigned(setup: ast.Module) -> list[tuple[str, ast.expr]]:
    """Return each variable of the setup with the value it is given."""
    assignments = [statement for statement in setup.body if isinstance(statement, ast.Assign)]
    return [(t.id, a.value) for a in assignments for t in a.targets if isinstance(t, ast.Name)]


def inputs(example: BugExample) -> list[str]:
    """Return what the user put in, at most three: the literal arguments of the calls, the expression's first.

    A variable stands for the literal that the setup gave it. Where there are no literals: whole arguments as written.
    """
    expression, setup = ast.parse(example.expression), [ast.parse(code) for code in reversed(example.setup)]
    values = {name: value for tree in setup for name, value in _assigned(tree) if _is_literal(value)}
    arguments = [_arguments(tree, values) for tree in (expression, *setup)]
    literals = [argument for found in arguments for argument in found if _is_literal(argument)]
    return list(dict.fromkeys(ast.unparse(argument) for argument in literals or arguments[0]))[:3]


def _arguments(tree: ast.AST, values: Mapping[str, ast.expr]) -> list[ast.expr]:
    calls = [node for node in ast.walk(tree) if isinstance(node, ast.Call)]
    found = [[*call.args, *(keyword.value for keyword in call.keywords)] for call in calls]
    plain = [argument.value if isinstance(argument, ast.Starred) else argument for each in found for argument in each]
    return [values.get(node.id, node) if isinstance(node, ast.Name) else node for node in plain]


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
        others = {name: maker for name, maker in made.items() if name != node.id}
        return _dotted(made[node.id], others) if node.id in made else node.id
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
