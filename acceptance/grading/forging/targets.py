"""Three small trees with a bug and hidden tests, one for each runner, and the row that grades each."""

from __future__ import annotations

import difflib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from environments.specs import ImageSpec
from environments.task import EnvironmentSpec
from swebench_runs.rows import Row, read_row

_PYTEST = ("pytest==8.4.2", "iniconfig==2.1.0", "pluggy==1.6.0", "packaging==25.0", "pygments==2.19.2")
_DJANGO = ("django==5.2.8", "asgiref==3.10.0", "sqlparse==0.5.3")
_BUGGY = "def total(numbers):\n    return sum(numbers) - 1\n\n\ndef double(x):\n    return 2 * x\n"


@dataclass(frozen=True)
class Target:
    """A tree, its row, and what it runs on."""

    name: str
    module: str
    """The source file that holds the bug."""
    files: Mapping[str, str]
    row: Row
    spec: ImageSpec
    environment: EnvironmentSpec

    def change(self, files: Mapping[str, str]) -> str:
        """Return the patch that gives files new text."""
        return "".join(_diff(path, self.files.get(path), text) for path, text in files.items())

    @property
    def right(self) -> str:
        """Return the patch that repairs the bug."""
        return self.change({self.module: self.files[self.module].replace("sum(numbers) - 1", "sum(numbers)")})


def _diff(path: str, old: str | None, new: str) -> str:
    start = f"a/{path}" if old is not None else "/dev/null"
    lines = difflib.unified_diff((old or "").splitlines(True), new.splitlines(True), start, f"b/{path}")
    mode = "" if old is not None else "new file mode 100644\n"
    return f"diff --git a/{path} b/{path}\n{mode}{''.join(lines)}"


def _target(
    name: str,
    module: str,
    tests: tuple[str, str, str],
    files: Mapping[str, str],
    command: str,
    parser: Literal["pytest", "django"],
    ids: tuple[str, str],
    packages: tuple[str, ...],
) -> Target:
    """Make a target; ``tests``: the test file's path, its text, and what the hidden tests add; ``ids``: theirs."""
    path, text, hidden = tests
    tree = {module: _BUGGY, path: text, **files}
    test_patch = _diff(path, text, text + hidden)
    row = {
        "repo": f"runoff/{name}",
        "instance_id": f"runoff__{name}-1",
        "base_commit": "1" * 40,
        "problem_statement": "total([3, 4]) returns 6, and should return 7",
        "patch": _diff(module, _BUGGY, _BUGGY.replace("sum(numbers) - 1", "sum(numbers)")),
        "test_patch": test_patch,
        "FAIL_TO_PASS": [ids[1]],
        "PASS_TO_PASS": [ids[0]],
    }
    spec = ImageSpec(
        repo=f"runoff/{name}",
        version="1.0",
        validated=False,
        python="3.11",
        pins_name="none",
        pins=(),
        install="true",
        test_command=command,
        log_parser=parser,
    )
    return Target(name, module, tree, read_row(row, "here"), spec, EnvironmentSpec(packages=packages))


def targets() -> tuple[Target, ...]:
    """Return the three."""
    pytest = _target(
        "by-pytest",
        "shop.py",
        (
            "tests/test_shop.py",
            "from shop import double, total\n\n\ndef test_double():\n    assert double(2) == 4\n",
            "\n\ndef test_total():\n    assert total([3, 4]) == 7\n",
        ),
        {},
        "python3 -m pytest -rA -p no:cacheprovider",
        "pytest",
        ("tests/test_shop.py::test_double", "tests/test_shop.py::test_total"),
        _PYTEST,
    )
    case = (
        "from shop import double, total\n\n\nclass ShopTests({base}):\n"
        "    def test_double(self):\n        self.assertEqual(double(2), 4)\n"
    )
    hidden = "\n    def test_total(self):\n        self.assertEqual(total([3, 4]), 7)\n"
    unittest = _target(
        "by-unittest",
        "shop.py",
        ("test_shop.py", "import unittest\n" + case.format(base="unittest.TestCase"), hidden),
        {},
        "python3 -m unittest -v",
        "django",
        ("test_double (test_shop.ShopTests.test_double)", "test_total (test_shop.ShopTests.test_total)"),
        _PYTEST,
    )
    settings = "SECRET_KEY = 'x'\nINSTALLED_APPS = ['market']\nDATABASES = {}\n"
    django = _target(
        "by-django",
        "market/shop.py",
        (
            "market/tests.py",
            "from django.test import SimpleTestCase\n"
            + case.format(base="SimpleTestCase").replace("from shop", "from market.shop"),
            hidden,
        ),
        {"market/__init__.py": "", "settings.py": settings},
        "DJANGO_SETTINGS_MODULE=settings python3 -m django test -v 2",
        "django",
        ("test_double (market.tests.ShopTests.test_double)", "test_total (market.tests.ShopTests.test_total)"),
        (*_DJANGO, *_PYTEST),
    )
    return pytest, unittest, django
