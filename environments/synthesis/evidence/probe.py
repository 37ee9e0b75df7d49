"""Runs inside the sandbox: evaluates expressions, in a test module or alone, and reports what came back.

Reads from standard input ``{"module": path or null, "candidates": [{"loops": [[target, iterable]], "setup": [code],
"expression": code}], "answer": path}`` and writes to ``answer`` one list of rows per candidate. A row holds the
loop variables as literals (None when one is not a literal) and either the result's repr or the error.
Standard library only; never imported by Runoff.
"""

import ast
import contextlib
import importlib
import io
import json
import signal
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NoReturn

MAX_ROWS = 400
MAX_REPR = 2000
SECONDS = 2


class OutOfTime(BaseException):
    """An expression took too long."""


def out_of_time(*_: object) -> NoReturn:
    """End what runs, whatever errors it catches."""
    raise OutOfTime


def load(path: str) -> dict[str, Any]:
    """Import a test module as pytest does: by its package, from the folder above the outermost one."""
    file = Path(path).resolve()
    folder, parts = file.parent, [file.stem]
    while (folder / "__init__.py").exists():
        parts.insert(0, folder.name)
        folder = folder.parent
    sys.path.insert(0, str(folder))
    return vars(importlib.import_module(".".join(parts)))


def literal(value: object) -> str | None:
    """Return a value as source text, or None."""
    text = repr(value)
    try:
        return text if len(text) <= MAX_REPR and ast.literal_eval(text) == value else None
    except (ValueError, SyntaxError, MemoryError, RecursionError):
        return None


def bindings(loops: list[list[str]], names: dict[str, Any]) -> Iterator[tuple[dict[str, Any], dict[str, Any]]]:
    """Yield the namespace of each turn of the loops, with the loop variables."""
    if not loops:
        yield names, {}
        return
    (target, iterable), *rest = loops
    for element in eval(iterable, names):
        if type(element).__name__ == "ParameterSet":
            element = element.values if "," in target else element.values[0]
        inner = dict(names, __element=element)
        exec(f"{target} = __element", inner)
        bound = {node.id: inner[node.id] for node in ast.walk(ast.parse(target)) if isinstance(node, ast.Name)}
        for deeper, more in bindings(rest, inner):
            yield deeper, {**bound, **more}


def evaluate(setup: list[str], expression: str, names: dict[str, Any]) -> dict[str, Any]:
    """Return what an expression gives after its setup, or the error and whether the setup already raised it."""
    reached = False
    try:
        for code in setup:
            exec(code, names)
        reached = True
        value = eval(expression, names)
        return {"result": repr(value)[:MAX_REPR], "type": type(value).__name__}
    except Exception as error:  # noqa: BLE001  a repository's code may raise anything, and that is the answer
        return {"error": type(error).__name__, "message": str(error)[:MAX_REPR], "in_setup": not reached}


def rows(candidate: dict[str, Any], names: dict[str, Any]) -> list[dict[str, Any]]:
    """Evaluate one candidate for each turn of its loops; a loop that cannot be taken apart ends early."""
    found: list[dict[str, Any]] = []
    signal.alarm(SECONDS)
    try:
        for inner, bound in bindings(candidate["loops"], names):
            signal.alarm(SECONDS)
            values = {name: literal(value) for name, value in bound.items()}
            found.append({"bindings": values, **evaluate(candidate["setup"], candidate["expression"], dict(inner))})
            if len(found) == MAX_ROWS:
                break
    except OutOfTime:
        found.append({"bindings": {}, "error": "OutOfTime", "message": ""})
    except Exception:  # noqa: BLE001  what came before the odd element still counts
        return found
    finally:
        signal.alarm(0)
    return found


def main() -> None:
    """Answer one order."""
    order = json.load(sys.stdin)
    signal.signal(signal.SIGALRM, out_of_time)
    with contextlib.redirect_stdout(io.StringIO()), contextlib.redirect_stderr(io.StringIO()):
        names = load(order["module"]) if order["module"] else {"__name__": "__main__"}
        answers = [rows(candidate, names) for candidate in order["candidates"]]
    answer = Path(order["answer"])
    answer.parent.mkdir(parents=True, exist_ok=True)
    answer.write_text(json.dumps(answers), encoding="utf-8")


if __name__ == "__main__":
    main()
