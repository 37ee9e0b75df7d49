"""What is installed on a user's machine."""

import tomllib
from fnmatch import fnmatchcase
from pathlib import Path

ROOT = Path(__file__).parent.parent


def test_the_wheel_holds_the_packages_and_neither_tests_nor_acceptance_measurements():
    find = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["setuptools"]["packages"]["find"]
    folders = [path.parent.name for path in ROOT.glob("*/__init__.py")]
    assert "acceptance" in folders
    packed = {name for name in folders if any(fnmatchcase(name, pattern) for pattern in find["include"])}
    assert packed == {"agent", "environments", "verifiers", "selection", "swebench_runs", "github_bot"}
