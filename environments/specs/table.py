"""The tables of this folder: ``tables/<owner>__<name>.yaml``, one entry for all versions that need the same.

A table says what its entries have in ``common``; what an entry says of its own goes before that. ``versions`` and
``validated`` are words in a string: as bare YAML, 1.10 would be a number, and 1.1.
"""

from __future__ import annotations

import difflib
import re
from functools import cache
from importlib.resources import files
from importlib.resources.abc import Traversable
from typing import Any

import yaml
from pydantic import BaseModel, ConfigDict

from environments.specs.spec import ImageSpec, SpecError

_FOLDER = files("environments.specs")


class _Table(BaseModel):
    model_config = ConfigDict(extra="forbid")

    repo: str
    common: dict[str, Any] = {}
    entries: list[dict[str, Any]]


def find_spec(repo: str, version: str) -> ImageSpec:
    """Return what a version (``major.minor``) of a repository (``owner/name``) needs.

    Raises SpecError, which names what is known.
    """
    if repo not in _files():
        close = difflib.get_close_matches(repo, _files(), n=1)
        hint = f"did you mean {close[0]}?" if close else f"known are {', '.join(repositories())}"
        raise SpecError(f"no environment is known for the repository {repo[:100]!r}: {hint}")
    specs = _specs(repo)
    if version not in specs:
        known = ", ".join(known_versions(repo))
        raise SpecError(f"no environment is known for {repo} {version[:100]!r}: known are the versions {known}")
    return specs[version]


def known_versions(repo: str) -> tuple[str, ...]:
    """Return the versions of a repository that have a spec, oldest first; none where there is no table."""
    return tuple(sorted(_specs(repo), key=version_key)) if repo in _files() else ()


def repositories() -> tuple[str, ...]:
    """Return the repositories that have a table, sorted."""
    return tuple(sorted(_files()))


def version_key(version: str) -> tuple[int, ...]:
    """Return the numbers of a version, to compare it by: 1.10 comes after 1.9, and 2022.03 after both."""
    return tuple(map(int, re.findall(r"[0-9]{1,9}", version)))


@cache
def _files() -> dict[str, Traversable]:
    """Return repository -> its table. Names from outside are only looked up here, never made into a path."""
    tables = (entry for entry in (_FOLDER / "tables").iterdir() if entry.name.endswith(".yaml"))
    return {entry.name.removesuffix(".yaml").replace("__", "/"): entry for entry in tables}


@cache
def _specs(repo: str) -> dict[str, ImageSpec]:
    table = _Table.model_validate(yaml.safe_load(_files()[repo].read_text(encoding="utf-8")))
    found: dict[str, ImageSpec] = {}
    for entry in table.entries:
        versions, validated = _words(entry.pop("versions")), _words(entry.pop("validated", ""))
        merged = {**table.common, **entry, "notes": [*table.common.get("notes", []), *entry.get("notes", [])]}
        merged["pins_name"] = merged.pop("pins")
        merged["pins"] = _pins(merged["pins_name"])
        for version in versions:
            if version in found:
                raise ValueError(f"{repo}: two entries are for {version}")
            found[version] = ImageSpec(repo=repo, version=version, validated=version in validated, **merged)
        if stray := set(validated) - set(versions):
            raise ValueError(f"{repo}: validated, but of no version of the entry: {', '.join(sorted(stray))}")
    if table.repo != repo:
        raise ValueError(f"the table of {repo} says that it is {table.repo}'s")
    return found


def _words(text: object) -> list[str]:
    if not isinstance(text, str):
        raise ValueError(f"versions are words in quotes, not {text!r}: as a number, 1.10 would be 1.1")
    return text.split()


@cache
def _pins(name: str) -> tuple[str, ...]:
    lines = (_FOLDER / "pins" / f"{name}.txt").read_text(encoding="utf-8").splitlines()
    return tuple(line for line in lines if line and not line.startswith("#"))
