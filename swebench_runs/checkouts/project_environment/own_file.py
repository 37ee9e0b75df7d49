"""``runoff.yaml``: what a repository itself says of its environment, before anything is read from its other files."""

from __future__ import annotations

import re
from pathlib import Path, PurePosixPath

from pydantic import ValidationError

from environments.task import EnvironmentSpec
from swebench_runs.checkouts.project_environment.requirement_lines import OWN_FILE, requirement_of
from swebench_runs.checkouts.project_environment.tree_files import read_text, yaml_value
from swebench_runs.errors import UsageError


def own_environment(tree: Path) -> EnvironmentSpec | None:
    """Return the environment of ``runoff.yaml``; None where it has none. UsageError for what is refused."""
    text = read_text(tree / OWN_FILE)
    if text is None:
        return None
    try:
        values = yaml_value(text, OWN_FILE)
        given = values.get("environment") if isinstance(values, dict) else None
        if given is None:
            return None
        spec = EnvironmentSpec.model_validate(given)
    except (ValidationError, RecursionError) as error:
        raise UsageError(f"{OWN_FILE}: {' '.join(str(error).split())[:300]}") from None
    for line in spec.packages:
        requirement_of(line, OWN_FILE)
    for path in (*spec.python_path, *spec.test_paths):
        pure = PurePosixPath(path)
        if pure.is_absolute() or ".." in pure.parts or path.startswith("-") or not path.isprintable():
            raise UsageError(f"{OWN_FILE}: {path!r} is not a path inside the repository")
    if not re.fullmatch(r"3\.\d{1,2}", spec.python):
        raise UsageError(f"{OWN_FILE}: python: write a version such as '3.11', not {spec.python!r}")
    return spec
