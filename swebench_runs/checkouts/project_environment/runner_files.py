"""What ``tox.ini`` and ``noxfile.py`` install for the tests, where nothing else says it; both read, neither run."""

from __future__ import annotations

import ast
import re
from pathlib import Path

from swebench_runs.checkouts.project_environment.declared import Declared
from swebench_runs.checkouts.project_environment.requirement_files import included
from swebench_runs.checkouts.project_environment.tree_files import ini_sections, read_text, table, toml_values

_INCLUDES = re.compile(r"-r\s*(\S+)")


def runner_files(tree: Path) -> Declared | None:
    """Return what tox or nox install beside the project, as its extra ``test``; None where neither says anything."""
    said = {"tox.ini": _tox(tree), "pyproject.toml": _tox_in_pyproject(tree), "noxfile.py": _nox(tree)}
    for where, lines in said.items():
        names = [match[1] for line in lines if (match := _INCLUDES.fullmatch(line))]
        found, notes = included(tree, names, where)
        found += [line for line in lines if not line.startswith(("-", ".")) and "{" not in line]
        if found or notes:
            return Declared(where, extras={"test": tuple(found)}, notes=tuple(notes))
    return None


def _tox(tree: Path) -> list[str]:
    deps = ini_sections(tree, "tox.ini").get("testenv", {}).get("deps", "")
    lines = [line.replace("{toxinidir}/", "").replace("{tox_root}/", "").strip() for line in deps.splitlines()]
    # `py38: name` holds in some of its environments only; which of them is meant cannot be known.
    return [line for line in lines if line and not line.startswith("#") and not re.match(r"[\w!,{}-]+:\s", line)]


def _tox_in_pyproject(tree: Path) -> list[str]:
    deps = table(toml_values(tree, "pyproject.toml"), "tool", "tox", "env_run_base").get("deps")
    return [line for line in deps if isinstance(line, str)] if isinstance(deps, list) else []


def _nox(tree: Path) -> list[str]:
    try:
        module = ast.parse(read_text(tree / "noxfile.py") or "")
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return []
    found: list[str] = []
    for function in ast.walk(module):
        if isinstance(function, ast.FunctionDef) and "test" in function.name:
            for call in ast.walk(function):
                if isinstance(call, ast.Call) and getattr(call.func, "attr", "") == "install":
                    words = [a.value for a in call.args if isinstance(a, ast.Constant) and isinstance(a.value, str)]
                    found += _joined(words)
    return list(dict.fromkeys(found))


def _joined(words: list[str]) -> list[str]:
    """Return ``-r FILE`` as one line, as in a file."""
    lines: list[str] = []
    for word in words:
        if lines and lines[-1] in ("-r", "-c", "-e"):
            lines[-1] += f" {word}"
        else:
            lines.append(word)
    return lines
