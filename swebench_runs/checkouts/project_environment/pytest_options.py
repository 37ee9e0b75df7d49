"""Which of a project's own pytest options its tests are run with: those that say what is collected, and how.

All others of its ``addopts`` are set aside when a suite is run: coverage, parallel runs, an early stop, reports.
"""

from __future__ import annotations

import re
import shlex
from pathlib import Path, PurePosixPath

from swebench_runs.checkouts.project_environment.tree_files import ini_sections, strings, table, toml_values

_PLAIN = ("--doctest-modules", "--doctest-continue-on-failure", "--pyargs")
_WITH_VALUE = ("--import-mode", "--doctest-glob", "--ignore", "--ignore-glob", "--deselect")
_SHORT = ("-m", "-k")


def pytest_options(tree: Path) -> tuple[str, ...]:
    """Return what the first configuration of pytest in the tree adds to its command, as far as that is kept."""
    options = toml_values(tree, "pyproject.toml")
    said = [
        ini_sections(tree, "pytest.ini").get("pytest", {}).get("addopts"),
        table(options, "tool", "pytest", "ini_options").get("addopts"),
        ini_sections(tree, "tox.ini").get("pytest", {}).get("addopts"),
        ini_sections(tree, "setup.cfg").get("tool:pytest", {}).get("addopts"),
    ]
    given = next((one for one in said if one), "")
    try:
        words = shlex.split(given, comments=True) if isinstance(given, str) else strings(given)
    except ValueError:
        return ()
    return tuple(_kept(words))


def _kept(words: list[str]) -> list[str]:
    kept: list[str] = []
    waiting = list(words)
    while waiting:
        word = waiting.pop(0)
        name, equals, value = word.partition("=")
        if word in _PLAIN:
            kept.append(word)
        elif name in (*_WITH_VALUE, *_SHORT) and not equals and waiting:
            value = waiting.pop(0)
            kept += [name, value] if name in _SHORT else [f"{name}={value}"] if _inside(value) else []
        elif name in _WITH_VALUE and equals and _inside(value):
            kept.append(word)
    return kept


def _inside(value: str) -> bool:
    """Tell a value that names nothing outside the tree."""
    pure = PurePosixPath(value)
    return not pure.is_absolute() and ".." not in pure.parts and re.fullmatch(r"[^\x00-\x1f]+", value) is not None
