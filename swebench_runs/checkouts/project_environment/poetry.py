"""Poetry's and Pipfile's way to write dependencies, put into pip's form: carets, tildes, tables, groups."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from swebench_runs.checkouts.project_environment.declared import Declared
from swebench_runs.checkouts.project_environment.requirement_lines import ADVICE
from swebench_runs.checkouts.project_environment.tree_files import strings, table
from swebench_runs.errors import UsageError

MOST_SPECIFIER = 500
"""Characters; a number in one of more digits than Python writes is an error."""
_VERSION = re.compile(r"\d+(\.\d+)*")


def specifier(constraint: str) -> str:
    """Return a constraint such as ``^1.2`` or ``~1.2 || ^2`` in pip's form; of alternatives, the last is taken."""
    if len(constraint) > MOST_SPECIFIER:
        raise UsageError(f"a version of {len(constraint)} characters, {constraint[:40]!r}...: {ADVICE}")
    last = re.split(r"\|\|?", constraint)[-1]
    parts = re.findall(r"(?:[<>=!~^]+\s*)?[^\s,<>=!~^]+", last)
    return ",".join(filter(None, map(_one, parts)))


def _one(text: str) -> str:
    sign, version = re.fullmatch(r"([<>=!~^]*)\s*(.*)", text, re.DOTALL).groups()  # type: ignore[union-attr]
    if version == "*":
        return ""
    if sign in ("^", "~") and (match := _VERSION.match(version)):
        numbers = [int(part) for part in match[0].split(".")[:6]]
        return f">={version},<{'.'.join(map(str, _next(numbers, caret=sign == '^')))}"
    return f"{'==' if sign in ('', '=', '===') else '~=' if sign == '~' else sign}{version}"


def _next(numbers: list[int], *, caret: bool) -> list[int]:
    place = min(1, len(numbers) - 1)
    if caret:
        place = next((i for i, number in enumerate(numbers) if number), len(numbers) - 1)
    return [*numbers[:place], numbers[place] + 1]


def line_of(name: str, value: object) -> tuple[list[str], list[str]]:
    """Return the lines of one entry (a constraint, a table, or several), and a note for what cannot be taken."""
    lines, notes = [], []
    for entry in value if isinstance(value, list) else [value]:
        given: Mapping[str, Any] = entry if isinstance(entry, dict) else {"version": entry}
        elsewhere = next((key for key in ("git", "path", "url", "file", "hg", "svn") if key in given), None)
        if elsewhere == "path" and str(given["path"]).strip("./") == "":
            continue  # the project itself
        if elsewhere:
            notes.append(f"{name!r} comes from a {elsewhere}, and is left out")
            continue
        extras = f"[{','.join(strings(given.get('extras')))}]" if given.get("extras") else ""
        lines.append(f"{name}{extras}{specifier(str(given.get('version', '*')))}{_marker(given)}")
    return lines, notes


def _marker(given: Mapping[str, Any]) -> str:
    markers = [f"({given['markers']})"] if isinstance(given.get("markers"), str) else []
    if isinstance(given.get("python"), str):
        bounds = [part for part in specifier(given["python"]).split(",") if part]
        markers += [re.sub(r"([<>=!~]+)(.*)", r"python_version \1 '\2'", bound) for bound in bounds]
    for key in ("sys_platform", "python_version", "platform_system", "os_name"):
        if isinstance(given.get(key), str):
            markers.append(f"{key} {given[key]}")
    return f" ; {' and '.join(markers)}" if markers else ""


def lines_of(entries: Mapping[str, Any]) -> tuple[list[str], list[str]]:
    """Return the lines of a table of dependencies, without optional ones and Python itself, and notes."""
    lines, notes = [], []
    for name, value in entries.items():
        if name.lower() == "python" or (isinstance(value, dict) and value.get("optional") is True):
            continue
        some, left_out = line_of(name, value)
        lines += some
        notes += left_out
    return lines, notes


def poetry(values: Mapping[str, Any], where: str) -> Declared | None:
    """Return what ``[tool.poetry]`` declares; None without it."""
    tool = table(values, "tool", "poetry")
    if not tool:
        return None
    dependencies = table(tool, "dependencies")
    lines, notes = lines_of(dependencies)
    extras: dict[str, tuple[str, ...]] = {}
    for extra, names in table(tool, "extras").items():
        chosen = {name: {**_as_table(dependencies.get(name)), "optional": False} for name in strings(names)}
        extras[extra] = tuple(lines_of({name: value for name, value in chosen.items() if name in dependencies})[0])
    groups = {name: table(group, "dependencies") for name, group in table(tool, "group").items()}
    groups["dev"] = {**groups.get("dev", {}), **table(tool, "dev-dependencies")}
    for group, entries in groups.items():
        some, left_out = lines_of(entries)
        extras[group] = (*extras.get(group, ()), *some)
        notes += left_out
    return Declared(
        where,
        name=str(tool.get("name", "")),
        lines=tuple(lines),
        extras=extras,
        python=specifier(str(dependencies.get("python", ""))),
        notes=tuple(f"{where}: {note}" for note in notes),
        roots=tuple(_roots(tool.get("packages"))),
    )


def _roots(packages: object) -> list[str]:
    given = packages if isinstance(packages, list) else []
    return [entry["from"] for entry in given if isinstance(entry, dict) and isinstance(entry.get("from"), str)]


def _as_table(value: object) -> dict[str, Any]:
    return dict(value) if isinstance(value, dict) else {"version": value if isinstance(value, str) else "*"}


def pipfile(tree: Path, values: Mapping[str, Any]) -> Declared | None:
    """Return what a ``Pipfile``'s values declare; None where it declares nothing."""
    lines, notes = lines_of(table(values, "packages"))
    dev, more = lines_of(table(values, "dev-packages"))
    if not lines and not dev:
        return None
    wanted = table(values, "requires").get("python_version") or table(values, "requires").get("python_full_version")
    asked = [f"asks for Python {wanted}: write that in runoff.yaml if the tests need just it"] if wanted else []
    told = tuple(f"Pipfile: {note}" for note in [*notes, *more, *asked])
    return Declared("Pipfile", lines=tuple(lines), extras={"dev": tuple(dev)}, notes=told)
