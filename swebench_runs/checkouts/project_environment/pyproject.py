"""``pyproject.toml``: the standard tables, and those of the tools that had their own before there was a standard."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from swebench_runs.checkouts.project_environment.declared import Declared
from swebench_runs.checkouts.project_environment.poetry import poetry
from swebench_runs.checkouts.project_environment.requirement_files import included
from swebench_runs.checkouts.project_environment.requirement_lines import assert_few
from swebench_runs.checkouts.project_environment.tree_files import strings, table, toml_values

WHERE = "pyproject.toml"
_COMPILED = ("mesonpy", "scikit_build_core", "maturin", "setuptools_rust", "py_build_cmake", "mesonbuild", "skbuild")
_COMPILERS = ("cython", "pybind11", "cffi", "setuptools-rust", "nanobind", "mypyc", "mypy", "scikit-build")
"""What builds: back ends, and packages that a build asks for, where the project has code to be compiled."""


def pyproject(tree: Path) -> Declared | None:
    """Return what a checkout's ``pyproject.toml`` declares; None without one, or where it declares nothing."""
    values = toml_values(tree, WHERE)
    project, tool = table(values, "project"), table(values, "tool")
    old = poetry(values, WHERE) or _flit(tool) or Declared(WHERE)
    dynamic = strings(project.get("dynamic"))
    lines, notes = [*strings(project.get("dependencies"))], list(old.notes)
    if "dependencies" in dynamic:
        some, missing = _of_files(tree, tool, "dependencies")
        lines, notes = [*some, *old.lines], [*notes, *missing]
    elif not project.get("dependencies"):
        lines = [*old.lines]
    extras: dict[str, tuple[str, ...]] = {}
    _add(extras, old.extras)
    _add(extras, {name: strings(some) for name, some in table(project, "optional-dependencies").items()})
    for name in table(tool, "setuptools", "dynamic", "optional-dependencies"):
        some, missing = _of_files(tree, tool, "optional-dependencies", name)
        _add(extras, {name: some})
        notes += missing
    groups = table(values, "dependency-groups")
    _add(extras, {name: _group(groups, name) for name in groups})
    _add(extras, {name: strings(some) for name, some in table(tool, "pdm", "dev-dependencies").items()})
    _add(extras, {"dev": strings(table(tool, "uv").get("dev-dependencies"))})
    _add(extras, {name: _hatch(env) for name, env in table(tool, "hatch", "envs").items()})
    sourced = [name for name, source in table(tool, "uv", "sources").items() if _is_elsewhere(source)]
    notes += [f"{WHERE}: {name!r} comes from elsewhere ([tool.uv.sources]); the index's is taken" for name in sourced]
    build = table(values, "build-system")
    if compiled := _compiled(build, tool):
        notes.append(f"{WHERE}: {compiled} builds it, which Runoff does not do; give --dockerfile if code is compiled")
    declared = replace(
        old,
        name=str(project.get("name") or old.name or ""),
        lines=tuple(lines),
        extras=extras,
        python=str(project.get("requires-python") or old.python or ""),
        notes=tuple(notes),
        roots=(*old.roots, *strings(table(tool, "setuptools", "packages", "find").get("where"))),
    )
    return declared if project or old.name or any((lines, extras, notes, declared.roots)) else None


def _add(extras: dict[str, tuple[str, ...]], more: Mapping[str, list[str] | tuple[str, ...]]) -> None:
    for name, lines in more.items():
        if lines:
            extras[name] = (*extras.get(name, ()), *lines)


def _group(groups: Mapping[str, Any], name: str) -> list[str]:
    """Return the lines of a dependency group (PEP 735) and, in their places, of those that it includes, each once."""
    found: list[str] = []
    seen = {name}
    waiting = _entries(groups, name)
    while waiting:
        entry = waiting.pop()
        inner = entry.get("include-group") if isinstance(entry, dict) else None
        if isinstance(entry, str):
            found.append(entry)
        elif isinstance(inner, str) and inner not in seen:
            seen.add(inner)
            waiting += _entries(groups, inner)
        assert_few(len(found), WHERE)
    return found


def _entries(groups: Mapping[str, Any], name: str) -> list[Any]:
    """Return a group's entries, the last one first."""
    entries = groups.get(name)
    return entries[::-1] if isinstance(entries, list) else []


def _hatch(environment: object) -> list[str]:
    lines = table(environment)
    features = [f".[{','.join(strings(lines['features']))}]"] if strings(lines.get("features")) else []
    return [*strings(lines.get("dependencies")), *strings(lines.get("extra-dependencies")), *features]


def _flit(tool: Mapping[str, Any]) -> Declared | None:
    """Return what flit's own table declares, from before it took the standard's."""
    metadata = table(tool, "flit", "metadata")
    if not metadata:
        return None
    extras = {name: tuple(strings(lines)) for name, lines in table(metadata, "requires-extra").items()}
    if dev := strings(metadata.get("dev-requires")):
        extras["dev"] = (*extras.get("dev", ()), *dev)
    return Declared(
        WHERE,
        name=str(metadata.get("dist-name") or metadata.get("module") or ""),
        lines=tuple(strings(metadata.get("requires"))),
        extras=extras,
        python=str(metadata.get("requires-python") or ""),
    )


def _of_files(tree: Path, tool: Mapping[str, Any], *keys: str) -> tuple[list[str], list[str]]:
    """Return the lines that setuptools' or hatch's dynamic dependencies read from files, and notes."""
    given = table(tool, "setuptools", "dynamic", *keys).get("file")
    names = [given] if isinstance(given, str) else strings(given)
    if keys == ("dependencies",):
        names += strings(table(tool, "hatch", "metadata", "hooks", "requirements_txt").get("files"))
    return included(tree, names, WHERE) if names else ([], [])


def _is_elsewhere(source: object) -> bool:
    entries = source if isinstance(source, list) else [source]
    return any(isinstance(entry, dict) and not entry.get("index") for entry in entries)


def _compiled(build: Mapping[str, Any], tool: Mapping[str, Any]) -> str:
    backend = str(build.get("build-backend") or "").split(".")[0]
    asked = [line for line in strings(build.get("requires")) if line.lower().startswith(_COMPILERS)]
    if backend in _COMPILED:
        return backend
    return asked[0] if asked else "an extension module" if table(tool, "setuptools").get("ext-modules") else ""
