"""A user's own profiles of models: from ``profile:`` of a configuration, or a file of their own."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from agent.models.profiles import ModelProfile
from environments.text import decoded
from swebench_runs.config.plain_yaml import plain_yaml
from swebench_runs.errors import UsageError


def profiles_in(path: Path) -> list[Any]:
    """Return the profiles in a file, as they are written: one mapping, or a list of them.

    A configuration file with a ``profile:`` is taken too. Raises UsageError, in one line, for what is none.
    """
    try:
        values = plain_yaml(decoded(path.read_bytes()))
    except OSError as error:
        raise UsageError(f"--profile {path}: cannot be read: {error.strerror}") from None
    except ValueError as error:
        raise UsageError(f"--profile {path}: {error}") from None
    if isinstance(values, Mapping) and "profile" in values:
        values = values["profile"]
    rows = as_list(values)
    if not rows or not all(isinstance(row, Mapping) for row in rows):
        raise UsageError(f"--profile {path}: it must hold the keys of one profile, or a list of profiles")
    return rows


def as_list(values: Any) -> list[Any]:
    """Return profiles as a list: one may be written without."""
    if values in (None, "", "null", "~"):
        return []
    return list(values) if isinstance(values, list | tuple) else [values]


def keys() -> list[str]:
    """Return the keys that a profile may have."""
    return list(ModelProfile.model_fields)
