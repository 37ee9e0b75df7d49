"""Puts a checkout's environment together: which Python, which packages, from which files, and what is not known.

Everything in a checkout is untrusted: only requirements that name a package of the index are taken, and anything
that pip would read as an option, a path, a URL or a repository is left out and named.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from packaging.specifiers import InvalidSpecifier, SpecifierSet
from packaging.utils import canonicalize_name

from environments.sandboxes.bubblewrap.host_root import find_python
from environments.sandboxes.contract import SandboxError
from environments.task import EnvironmentSpec
from swebench_runs.checkouts.project_environment.conda import conda
from swebench_runs.checkouts.project_environment.declared import Declared
from swebench_runs.checkouts.project_environment.own_file import own_environment
from swebench_runs.checkouts.project_environment.poetry import MOST_SPECIFIER, pipfile
from swebench_runs.checkouts.project_environment.pyproject import pyproject
from swebench_runs.checkouts.project_environment.pytest_options import pytest_options
from swebench_runs.checkouts.project_environment.requirement_files import requirement_files
from swebench_runs.checkouts.project_environment.requirement_lines import OWN_FILE, requirements_of
from swebench_runs.checkouts.project_environment.runner_files import runner_files
from swebench_runs.checkouts.project_environment.setup_files import setup_cfg, setup_py
from swebench_runs.checkouts.project_environment.tree_files import toml_values
from swebench_runs.errors import UsageError

MINORS = range(9, 16)
"""Minor versions of CPython 3 to consider when the one that runs Runoff is ruled out."""


@dataclass(frozen=True)
class ProjectEnvironment:
    """What a checkout's tests get, and how that is known."""

    spec: EnvironmentSpec
    sources: tuple[str, ...]
    """The files that it was read from; none: nothing is declared."""
    refused: tuple[str, ...] = ()
    """Requirements that pip is not given, a line each with what to do."""
    stops: tuple[str, ...] = ()
    """Those of them without which the project itself is not whole."""
    notes: tuple[str, ...] = ()
    """What else is left out, not known or not done, a line each."""


def infer(tree: Path, dockerfile: str = "") -> EnvironmentSpec:
    """Return the environment of a checkout; as ``read_environment``, and UsageError for what is refused."""
    found = read_environment(tree, dockerfile)
    if found.refused:
        raise UsageError(found.refused[0])
    return found.spec


def read_environment(tree: Path, dockerfile: str = "") -> ProjectEnvironment:
    """Read the environment of a checkout: its own ``runoff.yaml`` first, else its packaging files and pytest.

    ``dockerfile``: a path in the tree that the user wants its image to be built by, in place of any packages. A
    ``runoff.yaml`` can only ask for one: building runs its commands, with a network.

    Raises UsageError, naming the file and what to write instead, for what is malformed.
    """
    own = own_environment(tree)
    dockerfile = _plain(dockerfile)
    if own is not None and _plain(own.dockerfile) not in ("", dockerfile):
        raise UsageError(
            f"{OWN_FILE} asks for {own.dockerfile!r} to be built, which runs its commands with a network: read it, "
            f"then allow that by --dockerfile {own.dockerfile}"
        )
    if dockerfile:
        spec = own or EnvironmentSpec(python_path=_python_path(tree, ()))
        return ProjectEnvironment(spec.model_copy(update={"dockerfile": dockerfile}), (dockerfile,))
    if own is not None:
        return ProjectEnvironment(own, (OWN_FILE,))
    return _put_together(tree, _sources(tree))


def _sources(tree: Path) -> list[Declared]:
    """Return what is declared: by the first source that names packages, and what others add for the tests."""
    metadata = [found for read in (pyproject, setup_cfg, setup_py) if (found := read(tree))]
    found_pipfile = pipfile(tree, toml_values(tree, "Pipfile"))
    needs = [*metadata, found_pipfile, requirement_files(tree), conda(tree)]
    chosen = next((source for source in needs if source and source.lines), None)
    with_tests = [source for source in [*metadata, chosen, *needs, runner_files(tree)] if source]
    tested = [source for source in with_tests if source.test_lines()]
    # Of metadata all count for tests, since a project may split them; of all else the first that has any.
    kept = list(metadata)
    kept += [chosen] if chosen and chosen not in kept else []
    if not any(source in kept for source in tested) and tested:
        kept.append(tested[0])
    return [source if source in (chosen, *metadata) else _only_tests(source, chosen) for source in kept]


def _only_tests(source: Declared, chosen: Declared | None) -> Declared:
    if chosen is None:
        return source
    return Declared(source.where, source.name, extras={"test": source.test_lines()}, notes=source.notes)


def _put_together(tree: Path, sources: Sequence[Declared]) -> ProjectEnvironment:
    packages: list[str] = []
    refused: list[str] = []
    stops: list[str] = []
    names: set[str] = set()
    used: list[str] = []
    name = next((source.name for source in sources if source.name), "")
    for source in sources:
        read = requirements_of(Declared(source.where, name, source.lines, source.extras))
        packages += read.packages()
        refused += read.refused
        stops += read.stops
        names |= {canonicalize_name(requirement.name) for requirement in read.found}
        if read.found or read.refused or source.name:
            used.append(source.where)
    if "pytest" not in names:
        packages.append("pytest>=7")
    notes = [note for source in sources for note in source.notes]
    if (tree / "manage.py").is_file() and "pytest-django" not in names:
        notes.append(
            "manage.py: a Django project; its tests run by pytest: list pytest-django under environment.packages, and "
            f"--ds=SETTINGS under environment.test_args, in {OWN_FILE} if they need Django's runner"
        )
    if any(source.lines for source in sources):
        notes = [note for note in notes if "computes install_requires" not in note]
    python, told = _python(next((source.python for source in sources if source.python), ""))
    notes += told
    spec = EnvironmentSpec(
        python=python,
        packages=tuple(dict.fromkeys(packages)),
        python_path=_python_path(tree, [root for source in sources for root in source.roots]),
        test_args=pytest_options(tree),
    )
    return ProjectEnvironment(
        spec, tuple(dict.fromkeys(used)), tuple(refused), tuple(stops), tuple(dict.fromkeys(notes))
    )


def _plain(path: str) -> str:
    return str(PurePosixPath(path)) if path else ""


def _python_path(tree: Path, roots: Sequence[str]) -> tuple[str, ...]:
    """Return the folders that the project's packages lie in, then its top."""
    found = ["src"] if (tree / "src").is_dir() else []
    for root in roots:
        pure = PurePosixPath(root)
        if not pure.is_absolute() and ".." not in pure.parts and root.isprintable() and (tree / pure).is_dir():
            found.append(str(pure))
    return (*dict.fromkeys(path for path in found if path != "."), ".")


def _python(specifier: str) -> tuple[str, list[str]]:
    """Return the version that runs Runoff if the project allows it, else one that is here, else the oldest allowed.

    Where none that Runoff knows is allowed, or nobody can read what is, it is the one that runs Runoff, and a note
    says so: what that breaks is seen before a model is asked.
    """
    running = f"3.{sys.version_info.minor}"
    allowed = _allowed(specifier)
    if allowed is None:
        return running, [f"requires-python {specifier[:100]!r} is not a version specifier: {running} is taken"]
    # The latest patch release stands for the minor version: `>=3.11.2` means 3.11 to us.
    fitting = [
        version
        for version in (running, *(f"3.{minor}" for minor in MINORS))
        if allowed.contains(f"{version}.99") or allowed.contains(version)
    ]
    if not fitting:
        told = f"requires-python {specifier!r} allows no Python that Runoff knows (3.{MINORS[0]} and later)"
        return running, [f"{told}: {running} is taken; --dockerfile gives the tests another"]
    return next((version for version in fitting if version == running or _is_here(version)), fitting[0]), []


def _allowed(specifier: str) -> SpecifierSet | None:
    """Read a specifier; older packaging tools took ``>=3.6.*`` and a bare ``3.9``, too. None for what is none."""
    if len(specifier) > MOST_SPECIFIER:
        return None
    plain = re.sub(r"([<>]=?\s*[\d.]+?)\.\*", r"\1", specifier)
    plain = re.sub(r"^\s*(\d[\d.]*)\s*$", r"==\1.*", plain)
    try:
        return SpecifierSet(plain)
    except InvalidSpecifier:
        return None


def _is_here(version: str) -> bool:
    try:
        find_python(version)
    except SandboxError:
        return False
    return True
