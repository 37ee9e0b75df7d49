"""docs/errors.md is complete: every error that a user may be shown, and what the command then ends with."""

import importlib
import pkgutil
import re
from pathlib import Path

from environments.errors import Foreseen
from swebench_runs.exit_codes import exit_code

PAGE = (Path(__file__).parents[2] / "docs" / "errors.md").read_text()
PACKAGES = ("environments", "agent", "verifiers", "selection", "swebench_runs", "github_bot")
ROWS = {name: int(code) for name, code in re.findall(r"^\| \w+ \| `(\w+)` \|.*\| (\d+) \|$", PAGE, re.MULTILINE)}


def below(kind):
    return {kind, *(found for child in kind.__subclasses__() for found in below(child))}


def test_every_foreseen_error_has_a_row_with_its_exit_code():
    for package in PACKAGES:
        for module in pkgutil.walk_packages(importlib.import_module(package).__path__, f"{package}."):
            if "__main__" not in module.name and ".inside." not in module.name:  # laid into sandboxes, not for the host
                importlib.import_module(module.name)
    found = {
        kind.__name__: exit_code(kind.__new__(kind))
        for kind in below(Foreseen) - {Foreseen}
        if kind.__module__.partition(".")[0] in PACKAGES
    }
    assert found == ROWS


def test_no_two_errors_share_a_name():
    names = [kind.__name__ for kind in below(Foreseen)]
    assert len(names) == len(set(names))
