"""A run's configuration, merged from built-in names, files, ``key=value`` and options."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from importlib import resources
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from environments.text import decoded
from swebench_runs.config.nearest_name import nearest
from swebench_runs.config.own_judges import measured_judges
from swebench_runs.config.own_profiles import as_list, keys
from swebench_runs.config.plain_yaml import plain_yaml
from swebench_runs.config.refused_value import refused
from swebench_runs.config.run_config import RunConfig
from swebench_runs.config.sandboxes import sandbox_section
from swebench_runs.config.values import fitted, written
from swebench_runs.errors import UsageError


def load(
    sources: Sequence[str], options: Mapping[str, Any] | None = None, *, below: Mapping[str, Any] | None = None
) -> RunConfig:
    """Merge ``below`` (dotted keys), ``sources`` left to right, then ``options`` (dotted keys), over the defaults.

    How judges did on the user's own graded patches comes from the user's file (`own_judges.py`), unless a source says.

    A source is a YAML file, a built-in name (``default``, ``demo``, ``strong``, ...), or ``a.b.c=value``.
    Raises UsageError, in one line, for what is unreadable, unknown or out of range.
    """
    merged: dict[str, Any] = {}
    for key, value in (below or {}).items():
        _merge(merged, _nested(key, value))
    for source in sources:
        _merge(merged, _read(source))
    for key, value in (options or {}).items():
        _merge(merged, _nested(key, value))
    merged.setdefault("measured_judges", measured_judges())
    return parse(fitted(merged, RunConfig))


def parse(values: Mapping[str, Any]) -> RunConfig:
    """Make a configuration of plain values; raises UsageError naming the key and, if unknown, the nearest one."""
    try:
        return RunConfig.model_validate(values)
    except ValidationError as error:
        raise UsageError(_one_line(error)) from None


def flat(values: Mapping[str, Any], prefix: str = "") -> dict[str, Any]:
    """Return nested values under dotted keys."""
    out: dict[str, Any] = {}
    for key, value in values.items():
        if isinstance(value, Mapping):
            out.update(flat(value, f"{prefix}{key}."))
        else:
            out[f"{prefix}{key}"] = value
    return out


def _read(source: str) -> dict[str, Any]:
    key, equals, value = source.partition("=")
    if equals and re.fullmatch(r"[\w.]+", key):
        return _nested(key, written(value))
    text = _text(source)
    try:
        values = plain_yaml(text)
    except ValueError as error:
        raise UsageError(f"-c {source}: {error}") from None
    if values is not None and not isinstance(values, dict):
        raise UsageError(f"-c {source}: the top of the file must be keys and values")
    made: dict[str, Any] = {}
    for key, inner in (values or {}).items():
        _merge(made, _nested(str(key), inner))
    return made


def _text(source: str) -> str:
    builtin = resources.files("swebench_runs.config") / "builtin" / f"{source.removesuffix('.yaml')}.yaml"
    try:
        if Path(source).is_file():
            return decoded(Path(source).read_bytes())
        if "/" not in source and builtin.is_file():
            return builtin.read_text()
    except OSError as error:
        raise UsageError(f"-c {source}: cannot be read: {error}") from None
    raise UsageError(f"-c {source}: no such file or built-in name (built in: {', '.join(builtin_names())})")


def builtin_names() -> list[str]:
    """Return the names of the configurations that come with Runoff."""
    folder = resources.files("swebench_runs.config") / "builtin"
    return sorted(item.name.removesuffix(".yaml") for item in folder.iterdir() if item.name.endswith(".yaml"))


def _nested(key: str, value: Any) -> dict[str, Any]:
    for part in reversed(key.split(".")):
        value = {part: value}
    return dict(value)


def _merge(into: dict[str, Any], values: Mapping[str, Any]) -> None:
    for key, value in values.items():
        if key == "sandbox":
            value = sandbox_section(value)
        if key == "profile":  # a later source's are tried first
            into[key] = [*as_list(value), *as_list(into.get(key))]
        elif isinstance(value, Mapping) and isinstance(into.get(key), dict):
            _merge(into[key], value)
        else:
            into[key] = dict(value) if isinstance(value, Mapping) else value


def _keys() -> list[str]:
    """Return every key there is, and the sections above them."""
    known = flat(RunConfig().model_dump())
    return [*known, *sorted({key[:at] for key in known for at, letter in enumerate(key) if letter == "."})]


def _one_line(error: ValidationError) -> str:
    first = error.errors()[0]
    key = ".".join(str(part) for part in first["loc"])
    if first["type"] == "extra_forbidden" and key.startswith("profile."):
        return f"profile: unknown key {key.rpartition('.')[2]!r}{nearest(key.rpartition('.')[2], keys())}"
    if first["type"] == "extra_forbidden":
        whole = _whole(key, first["input"])
        return f"unknown key {whole!r}{nearest(whole, _keys())}"
    return refused(first)


def _whole(key: str, value: Any) -> str:
    """Return an unknown key as it was given: with what stands below it, as long as that is one key."""
    while isinstance(value, Mapping) and len(value) == 1:
        ((part, value),) = value.items()
        key = f"{key}.{part}"
    return key
