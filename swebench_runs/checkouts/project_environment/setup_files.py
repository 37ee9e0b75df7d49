"""``setup.cfg`` and ``setup.py``, the second read as text: its simple computations are followed, nothing is run."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from swebench_runs.checkouts.project_environment.declared import Declared
from swebench_runs.checkouts.project_environment.requirement_files import included
from swebench_runs.checkouts.project_environment.requirement_lines import ADVICE
from swebench_runs.checkouts.project_environment.static_operations import UNKNOWN
from swebench_runs.checkouts.project_environment.static_values import StaticModule
from swebench_runs.checkouts.project_environment.tree_files import ini_sections, read_inside, read_text, strings, table


def setup_cfg(tree: Path) -> Declared | None:
    """Return what a checkout's ``setup.cfg`` declares; None where it is no project's."""
    where = "setup.cfg"
    sections = ini_sections(tree, where)
    options = sections.get("options", {})
    if not options and "options.extras_require" not in sections:
        return None
    notes: list[str] = []

    def lines(value: str) -> list[str]:
        if not value.strip().startswith("file:"):
            return value.splitlines()
        names = [name.strip() for name in value.strip().removeprefix("file:").replace("\n", ",").split(",")]
        found, missing = included(tree, [name for name in names if name], where)
        notes.extend(missing)
        return found

    extras = {name: tuple(lines(value)) for name, value in sections.get("options.extras_require", {}).items()}
    if "tests_require" in options:
        extras["tests"] = (*extras.get("tests", ()), *lines(options["tests_require"]))
    found = sections.get("options.packages.find", {}).get("where", "")
    below = [line.split("=")[1].strip() for line in options.get("package_dir", "").splitlines() if line.startswith("=")]
    return Declared(
        where,
        name=sections.get("metadata", {}).get("name", ""),
        lines=tuple(lines(options.get("install_requires", ""))),
        extras=extras,
        python=options.get("python_requires", ""),
        notes=tuple(notes),
        roots=tuple(filter(None, [found.strip(), *below])),
    )


def setup_py(tree: Path) -> Declared | None:
    """Return what the call of ``setup`` says, as far as that can be known without running it; None without one."""
    where = "setup.py"
    text = read_text(tree / where)
    module = StaticModule.of(text, tree) if text is not None else None
    given = module.keywords("setup") if module else None
    if given is None:
        return None
    notes = []
    lines = _known(given.get("install_requires", []))
    if lines is None:
        lines = _egg_info(tree)
        if lines is None:
            notes.append(f"{where} computes install_requires, and Runoff does not run it: {ADVICE}")
    if given.get("ext_modules"):
        notes.append(
            f"{where} has extension modules, which Runoff does not build: tests that need them need --dockerfile"
        )
    if module and module.missing:
        notes += [f"{where} reads {name!r}, which is no file of the tree: {ADVICE}" for name in sorted(module.missing)]
    extras = {name: tuple(_known(some) or ()) for name, some in table(given.get("extras_require")).items()}
    if tests := _known(given.get("tests_require", [])):
        extras["tests"] = (*extras.get("tests", ()), *tests)
    return Declared(
        where,
        name=_text(given.get("name")),
        lines=tuple(lines or ()),
        extras=extras,
        python=_text(given.get("python_requires")),
        notes=tuple(notes),
        roots=tuple(filter(None, [_text(table(given.get("package_dir")).get(""))])),
    )


def own_name_and_version(tree: Path) -> dict[str, Any]:
    """Return what the call of ``setup`` says literally of name and version."""
    module = StaticModule.of(read_text(tree / "setup.py") or "", tree)
    given = module.keywords("setup") if module else None
    return {key: value for key, value in (given or {}).items() if isinstance(value, str)}


def _known(value: object) -> list[str] | None:
    """Return requirement lines; None where they, or one of them, cannot be known."""
    if value is UNKNOWN or (isinstance(value, list | tuple | set) and UNKNOWN in list(value)):
        return None
    return strings(value)


def _text(value: object) -> str:
    return value if isinstance(value, str) else ""


def _egg_info(tree: Path) -> list[str] | None:
    """Return the requirements that an earlier install has left in the tree, those without an extra; None without."""
    for folder in sorted([*tree.glob("*.egg-info"), *tree.glob("src/*.egg-info")]):
        # Nothing is read through a link: src may be one to the host's own packages.
        if (text := read_inside(tree, str((folder / "requires.txt").relative_to(tree)))) is not None:
            return text.split("\n[")[0].splitlines() if not text.startswith("[") else []
    return None
