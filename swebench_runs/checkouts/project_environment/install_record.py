"""The record that installing a checkout would leave in its tree, so that its code can ask for its own version.

Nothing of the checkout is built: the record is written from what its files say, and holds name and version only.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path

from packaging.version import Version

from swebench_runs.checkouts.project_environment.setup_files import own_name_and_version
from swebench_runs.checkouts.project_environment.tree_files import ini_sections, table, toml_values
from swebench_runs.errors import UsageError

UNKNOWN = "0.0.0"
"""The version of a project that computes it."""

_NAME = re.compile(r"[A-Za-z0-9]([A-Za-z0-9._-]*[A-Za-z0-9])?")


def install_record(tree: Path) -> tuple[str, bytes] | None:
    """Return path (relative to the tree) and content of the record; None for a tree that names no distribution.

    An editable install by setuptools leaves this very file, ``NAME.egg-info/PKG-INFO``, on the import path.
    """
    for read in (_pyproject, _setup_cfg, own_name_and_version):
        found = read(tree)
        name, version = found.get("name"), found.get("version")
        if isinstance(name, str) and _NAME.fullmatch(name):
            folder = "src/" if (tree / "src").is_dir() and not (tree / "src").is_symlink() else ""
            content = f"Metadata-Version: 2.1\nName: {name}\nVersion: {_version(version)}\n"
            return f"{folder}{name.replace('-', '_')}.egg-info/PKG-INFO", content.encode()
    return None


def _pyproject(tree: Path) -> Mapping[str, object]:
    try:
        values = toml_values(tree, "pyproject.toml")
    except UsageError:  # told already, unless the environment is another file's word
        return {}
    found = (table(values, "project"), table(values, "tool", "poetry"))
    return next((one for one in found if "name" in one), {})


def _setup_cfg(tree: Path) -> Mapping[str, object]:
    try:
        return ini_sections(tree, "setup.cfg").get("metadata", {})
    except UsageError:
        return {}


def _version(value: object) -> str:
    try:
        return str(Version(str(value)))
    except ValueError:  # a number of thousands of digits, too
        return UNKNOWN
