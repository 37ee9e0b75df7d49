"""Requirement files: at the top, in a folder of their own, for tests; the files that they include with them."""

from __future__ import annotations

import re
from pathlib import Path, PurePosixPath

from packaging.requirements import InvalidRequirement, Requirement
from packaging.utils import canonicalize_name

from swebench_runs.checkouts.project_environment.declared import Declared
from swebench_runs.checkouts.project_environment.requirement_lines import (
    ADVICE,
    assert_few,
    meaningful,
    parsed,
    without_hashes,
)
from swebench_runs.checkouts.project_environment.tree_files import read_inside
from swebench_runs.errors import UsageError

FOLDERS = ("requirements", "requirement", "reqs", "deps")
MAX_FILES = 50
_BASE = ("base", "requirements", "default", "main", "common", "core", "install", "runtime", "prod", "production", "app")
_TEST = ("test", "tests", "testing", "unit", "unittest", "pytest", "ci")
_DEV = ("dev", "devel", "develop", "development", "local")
_INCLUDE = re.compile(r"(?P<kind>-r|--requirement|-c|--constraint)(?:\s+|=|(?=\S))(?P<file>\S+)")


def requirement_files(tree: Path) -> Declared | None:
    """Return what a checkout's requirement files say, those for tests as its extra ``test``; None without any."""
    base = [*_named(tree, "requirements"), *_in_folders(tree, _BASE)]
    tests = [*_for(tree, _TEST), *_in_folders(tree, _TEST), *_plain(tree, "tests", "test")]
    tests = tests or [*_for(tree, _DEV), *_in_folders(tree, _DEV)]
    if not base and not tests:
        base = _in_folders(tree, None)
    if not base and not tests:
        return None
    lines, extra = _lines(tree, base), _lines(tree, tests)
    return Declared(", ".join([*base, *tests]), lines=tuple(lines), extras={"test": tuple(extra)})


def included(tree: Path, names: list[str], where: str) -> tuple[list[str], list[str]]:
    """Return the lines of files that another source names, and a note for each that cannot be read."""
    if len(names) > MAX_FILES:
        raise UsageError(f"{where} names over {MAX_FILES} files of requirements: {ADVICE}")
    missing = [name for name in names if read_inside(tree, name) is None]
    notes = [f"{where} reads {name!r}, which is no file of the tree: {ADVICE}" for name in missing]
    return _lines(tree, [name for name in names if name not in missing]), notes


def _lines(tree: Path, names: list[str]) -> list[str]:
    """Return the lines of files and of those that they include, each file once, held to their constraints.

    An include that leads to no plain file of the tree stays as the option that it is, which is then refused.
    """
    found: list[str] = []
    constraints: dict[str, Requirement] = {}
    waiting, seen = [(name, False) for name in names], set[str]()
    while waiting and len(seen) < MAX_FILES:
        name, constrains = waiting.pop(0)
        if name in seen:
            continue
        seen.add(name)
        more = []
        for line in meaningful((read_inside(tree, name) or "").splitlines()):
            match = _INCLUDE.fullmatch(line)
            other = _beside(name, match["file"]) if match else ""
            if match and read_inside(tree, other) is not None:
                more.append((other, match["kind"] in ("-c", "--constraint")))
            elif constrains:
                _add_constraint(constraints, line)
            else:
                found.append(line)
        assert_few(len(found) + len(constraints), name)
        waiting = more + waiting
    return [_held(line, constraints) for line in dict.fromkeys(found)]


def _beside(name: str, other: str) -> str:
    parts: list[str] = []
    for part in (PurePosixPath(name).parent / other).parts:
        if part == ".." and parts and parts[-1] != "..":
            parts.pop()
        else:
            parts.append(part)
    return str(PurePosixPath(*parts))


def _add_constraint(constraints: dict[str, Requirement], line: str) -> None:
    try:
        requirement = parsed(without_hashes(line))
        holds = requirement.marker is None or requirement.marker.evaluate()
    except ValueError:
        return  # a constraint of something that is not of the index constrains nothing that is taken
    if not requirement.url and holds:
        constraints[canonicalize_name(requirement.name)] = requirement


def _held(line: str, constraints: dict[str, Requirement]) -> str:
    try:
        requirement = parsed(line)
    except InvalidRequirement:
        return line
    constraint = constraints.get(canonicalize_name(requirement.name))
    if constraint is None or requirement.url:
        return line
    requirement.specifier &= constraint.specifier
    return str(requirement)


def _for(tree: Path, purposes: tuple[str, ...]) -> list[str]:
    stems = [f"requirements{mark}{name}" for name in purposes for mark in ("-", "_", ".", "")]
    return _named(tree, *stems, *(f"{name}{mark}requirements" for name in purposes for mark in ("-", "_", ".")))


def _named(tree: Path, *stems: str) -> list[str]:
    """Return the files of these stems; ``.txt`` (what the project runs with) goes before ``.in``."""
    found = []
    for stem in stems:
        names = (f"{stem}.txt", f"{stem}.in", f"{stem}.pip")
        found += [name for name in names if read_inside(tree, name) is not None][:1]
    return found


def _in_folders(tree: Path, purposes: tuple[str, ...] | None) -> list[str]:
    found = []
    for folder in FOLDERS:
        if (tree / folder).is_symlink() or not (tree / folder).is_dir():
            continue
        stems = sorted({path.stem for path in (tree / folder).iterdir() if path.suffix in (".txt", ".in", ".pip")})
        for stem in stems:
            words = set(re.split(r"[-_.]", stem.lower())) - {"requirements", "reqs"}
            if purposes is None or (words or {"requirements"}) & set(purposes):
                found += _named(tree, f"{folder}/{stem}")
    return found


def _plain(tree: Path, *folders: str) -> list[str]:
    return [name for folder in folders for name in _named(tree, f"{folder}/requirements")]
