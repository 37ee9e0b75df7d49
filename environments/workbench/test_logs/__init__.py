"""What a repository's own test runner prints, read into a status per test: pure functions, one per kind of runner.

The kinds and their quirks are SWE-bench's (swebench 5.0.2, ``harness/log_parsers``), because grades are compared with
its: a test's name is whatever that reader would call it. One difference is deliberate: a word that only begins like a
status (``PASSEDX``) is none here, so that printing one cannot take a failing test out of the count.
"""

from __future__ import annotations

import difflib
from collections.abc import Callable, Mapping

from environments.errors import DataError
from environments.workbench.test_logs.django import read_django
from environments.workbench.test_logs.many_lines import MANY_LINES
from environments.workbench.test_logs.one_line import ONE_LINE
from environments.workbench.test_logs.pytest_family import (
    read_matplotlib,
    read_pytest,
    read_pytest_options,
    read_pytest_v2,
    read_seaborn,
)
from environments.workbench.test_logs.status import Status
from environments.workbench.test_logs.sympy import read_sympy

Reader = Callable[[str], dict[str, Status]]
"""A log's text, lines ended by ``\\n`` -> test -> its last status."""

PYTHON: Mapping[str, Reader] = {
    "pytest": read_pytest,
    "pytest_options": read_pytest_options,
    "pytest_v2": read_pytest_v2,
    "matplotlib": read_matplotlib,
    "seaborn": read_seaborn,
    "django": read_django,
    "sympy": read_sympy,
}
"""Of runners that give each test a name of its own and end with an exit code that tells whether one failed."""

READERS: Mapping[str, Reader] = {**PYTHON, **ONE_LINE, **MANY_LINES}

_BY_REPOSITORY = {
    "astroid": "pytest",
    "flask": "pytest",
    "marshmallow": "pytest",
    "pvlib": "pytest",
    "pyvista": "pytest",
    "sqlfluff": "pytest",
    "xarray": "pytest",
    "pydicom": "pytest_options",
    "requests": "pytest_options",
    "pylint": "pytest_options",
    "astropy": "pytest_v2",
    "scikit": "pytest_v2",
    "sphinx": "pytest_v2",
}
"""Names under which swebench 5 rows ask for a reader, beside those of ``READERS``."""

_BY_INSTANCE = {
    "jekyll__jekyll-8047": "minitest",
    "jekyll__jekyll-8167": "minitest",
    "jekyll__jekyll-9141": "minitest",
    "jekyll__jekyll-8761": "cucumber",
    "jekyll__jekyll-8771": "cucumber",
    "immutable-js__immutable-js-2005": "jest_json",
    "immutable-js__immutable-js-2006": "jest",
}
"""Instances of repositories that changed their runner: the name in their rows (``parse_log_jekyll``) means several."""


class UnknownReaderError(DataError):
    """Nobody reads such logs here. One clear line."""


def reader_name(name: str, instance_id: str) -> str:
    """Return the name of the reader that an instance's row means by ``name``."""
    return _BY_INSTANCE.get(instance_id, name)


def is_pythons(name: str) -> bool:
    """Tell whether a reader, by any of its names, is of one of the runners in ``PYTHON``."""
    return _short(name) in PYTHON


def reader(name: str) -> Reader:
    """Return a reader by our name or by the one that a swebench 5 row has (``parse_log_flask``).

    Raises UnknownReaderError, with the nearest known name.
    """
    short = _short(name)
    if short in READERS:
        return READERS[short]
    close = difflib.get_close_matches(short, READERS, n=1)
    hint = f"did you mean {close[0]}?" if close else f"known are {', '.join(READERS)}"
    raise UnknownReaderError(f"no reader of test logs is called {name!r}: {hint}")


def _short(name: str) -> str:
    short = name.removeprefix("parse_log_")
    return _BY_REPOSITORY.get(short, short)


__all__ = ["PYTHON", "READERS", "Reader", "Status", "UnknownReaderError", "is_pythons", "reader", "reader_name"]
