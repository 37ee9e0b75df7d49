"""Files of a checkout as text and values. Everything in one is untrusted: no link is followed, no file is endless."""

from __future__ import annotations

import configparser
from pathlib import Path, PurePosixPath
from typing import Any

from environments import bounded
from swebench_runs.errors import UsageError

MAX_BYTES = 1 << 20
MAX_LINES = 10_000
"""Of an INI file: of lines that are wrong in it Python gathers a message by the square of their number."""


def read_text(path: Path) -> str | None:
    """Return a regular file of the tree as text; None when there is none. A link could point at the host's files."""
    if path.is_symlink() or not path.is_file():
        return None
    try:
        return bounded.read_regular(path, at_most=MAX_BYTES).decode("utf-8-sig", errors="replace")
    except bounded.TooLarge as error:
        raise UsageError(f"{path.name} {error}: Runoff does not read it") from None


def read_inside(tree: Path, name: str) -> str | None:
    """Return a file that another one of the tree names; None when it is not a plain file inside the tree."""
    pure = PurePosixPath(name)
    if pure.is_absolute() or ".." in pure.parts or "\0" in name:
        return None
    here = tree
    for part in pure.parts[:-1]:
        here = here / part
        if here.is_symlink():
            return None
    return read_text(tree / pure)


def toml_values(tree: Path, name: str) -> dict[str, Any]:
    """Return a TOML file's values; none where there is no such file. UsageError for one that is malformed."""
    try:
        return bounded.toml_value(read_text(tree / name) or "")
    except ValueError as error:
        raise UsageError(f"{name} {error}") from None


def yaml_value(text: str, name: str) -> object:
    """Return the value of a YAML text. UsageError for what is malformed, or endless once its aliases are followed."""
    try:
        value: object = bounded.yaml_value(text)
    except ValueError as error:
        raise UsageError(f"{name} {error}") from None
    return value


def ini_sections(tree: Path, name: str) -> dict[str, dict[str, str]]:
    """Return an INI file's options by section, names in lower case. UsageError for one that is malformed."""
    parser = configparser.ConfigParser(interpolation=None, strict=False, default_section="\0")
    text = read_text(tree / name) or ""
    if text.count("\n") > MAX_LINES:
        raise UsageError(f"{name} has over {MAX_LINES:,} lines: Runoff does not read it")
    try:
        parser.read_string(text)
    except configparser.Error as error:
        raise UsageError(f"{name} cannot be read: {' '.join(str(error).split())}") from None
    return {section: {key.replace("-", "_"): value for key, value in parser[section].items()} for section in parser}


def table(value: object, *keys: str) -> dict[str, Any]:
    """Return the table that keys lead to from one value to the next; an empty one where anything else is found."""
    for key in keys:
        value = value.get(key) if isinstance(value, dict) else None
    return dict(value) if isinstance(value, dict) else {}


def strings(value: object) -> list[str]:
    """Return the strings of a list, or the lines of a text; none of anything else."""
    if isinstance(value, str):
        return value.splitlines()
    return [item for item in value if isinstance(item, str)] if isinstance(value, list | tuple | set) else []
