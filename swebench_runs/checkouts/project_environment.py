"""What a checkout needs to run, read from its files without running any of them.

Everything in a checkout is untrusted: only requirements that name a package of the index are taken, and anything
that pip would read as an option, a path, a URL or a repository is refused.
"""

from __future__ import annotations

import ast
import configparser
import re
import sys
import tomllib
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path, PurePosixPath
from typing import Any

import yaml
from packaging.requirements import InvalidRequirement, Requirement
from packaging.specifiers import InvalidSpecifier, SpecifierSet
from packaging.utils import canonicalize_name
from pydantic import ValidationError

from environments.task import EnvironmentSpec
from swebench_runs.errors import UsageError

OWN_FILE = "runoff.yaml"
"""A repository says with it, under ``environment``, what Runoff cannot read from the other files."""
TEST_EXTRAS = ("test", "tests", "testing", "dev")
REQUIREMENT_FILES = ("requirements.txt", "requirements-test.txt", "requirements-dev.txt", "test-requirements.txt")
MAX_BYTES = 1 << 20
MINORS = range(9, 16)
"""Minor versions of CPython 3 to consider when the one that runs Runoff is ruled out."""


def infer(tree: Path, dockerfile: str = "") -> EnvironmentSpec:
    """Return the environment of a checkout: its own ``runoff.yaml`` first, else its packaging files and pytest.

    ``dockerfile``: a path in the tree that the user wants its image to be built by, in place of any packages. A
    ``runoff.yaml`` can only ask for one: building runs its commands, with a network.

    Raises UsageError, naming the file and what to write instead, for what is malformed or refused.
    """
    own = _own(tree)
    dockerfile = _plain(dockerfile)
    if own is not None and _plain(own.dockerfile) not in ("", dockerfile):
        raise UsageError(
            f"{OWN_FILE} asks for {own.dockerfile!r} to be built, which runs its commands with a network: read it, "
            f"then allow that by --dockerfile {own.dockerfile}"
        )
    if dockerfile:
        return (own or EnvironmentSpec(python_path=_python_path(tree))).model_copy(update={"dockerfile": dockerfile})
    if own is not None:
        return own
    wanted, python = _declared(tree)
    names = {canonicalize_name(requirement.name) for requirement in wanted}
    packages = [str(requirement) for requirement in wanted]
    return EnvironmentSpec(
        python=_python(python),
        packages=tuple(dict.fromkeys(packages if "pytest" in names else [*packages, "pytest>=7"])),
        python_path=_python_path(tree),
    )


def _plain(path: str) -> str:
    return str(PurePosixPath(path)) if path else ""


def _python_path(tree: Path) -> tuple[str, ...]:
    return ("src", ".") if (tree / "src").is_dir() else (".",)


def _own(tree: Path) -> EnvironmentSpec | None:
    text = read_text(tree / OWN_FILE)
    if text is None:
        return None
    try:
        values = yaml.safe_load(text)
        given = values.get("environment") if isinstance(values, dict) else None
        if given is None:
            return None
        spec = EnvironmentSpec.model_validate(given)
    except (yaml.YAMLError, ValidationError) as error:
        raise UsageError(f"{OWN_FILE}: {' '.join(str(error).split())[:300]}") from None
    for line in spec.packages:
        _requirement(line, OWN_FILE)
    for path in (*spec.python_path, *spec.test_paths):
        pure = PurePosixPath(path)
        if pure.is_absolute() or ".." in pure.parts or path.startswith("-") or not path.isprintable():
            raise UsageError(f"{OWN_FILE}: {path!r} is not a path inside the repository")
    if not re.fullmatch(r"3\.\d{1,2}", spec.python):
        raise UsageError(f"{OWN_FILE}: python: write a version such as '3.11', not {spec.python!r}")
    return spec


def _declared(tree: Path) -> tuple[list[Requirement], str]:
    """Return requirements and the requires-python of the first kind of file that declares any."""
    for read in (_pyproject, _setup_cfg, _setup_py, _requirement_files):
        found = read(tree)
        if found is not None:
            return found
    return [], ""


def _pyproject(tree: Path) -> tuple[list[Requirement], str] | None:
    text = read_text(tree / "pyproject.toml")
    if text is None:
        return None
    try:
        values = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise UsageError(f"pyproject.toml is not valid TOML: {error}") from None
    project = values.get("project")
    if not isinstance(project, dict) or "dependencies" in _strings(project.get("dynamic")):
        return None
    where = "pyproject.toml"
    extras = _mapping(project.get("optional-dependencies")) | _plain_groups(_mapping(values.get("dependency-groups")))
    lines = [*_strings(project.get("dependencies")), *_test_lines(extras)]
    return _expand(lines, str(project.get("name", "")), extras, where), str(project.get("requires-python", ""))


def _plain_groups(groups: Mapping[str, Any]) -> dict[str, Any]:
    """Return dependency groups (PEP 735) without their ``include-group`` tables, which are groups of their own."""
    return {
        name: [line for line in lines if isinstance(line, str)]
        for name, lines in groups.items()
        if isinstance(lines, list)
    }


def _setup_cfg(tree: Path) -> tuple[list[Requirement], str] | None:
    text = read_text(tree / "setup.cfg")
    if text is None:
        return None
    parser = configparser.ConfigParser(interpolation=None)
    try:
        parser.read_string(text)
    except configparser.Error as error:
        raise UsageError(f"setup.cfg cannot be read: {' '.join(str(error).split())}") from None
    options = dict(parser["options"]) if parser.has_section("options") else {}
    if "install_requires" not in options and "packages" not in options:
        return None
    section = "options.extras_require"
    extras = {k: v.splitlines() for k, v in parser[section].items()} if parser.has_section(section) else {}
    lines = [*options.get("install_requires", "").splitlines(), *_test_lines(extras)]
    name = parser.get("metadata", "name", fallback="")
    return _expand(lines, name, extras, "setup.cfg"), options.get("python_requires", "")


def _setup_py(tree: Path) -> tuple[list[Requirement], str] | None:
    """Read the literal arguments of the call of ``setup``; what is computed cannot be known without running it."""
    text = read_text(tree / "setup.py")
    if text is None:
        return None
    try:
        module = ast.parse(text)
    except (SyntaxError, ValueError, RecursionError):
        return None
    given: dict[str, Any] = {}
    for call in ast.walk(module):
        if isinstance(call, ast.Call) and getattr(call.func, "id", getattr(call.func, "attr", "")) == "setup":
            given = {k.arg: _literal(k.value) for k in call.keywords if k.arg}
    if not given.get("install_requires"):
        return None
    extras = _mapping(given.get("extras_require"))
    lines = [*_strings(given["install_requires"]), *_strings(given.get("tests_require")), *_test_lines(extras)]
    return _expand(lines, str(given.get("name") or ""), extras, "setup.py"), str(given.get("python_requires") or "")


def _literal(node: ast.expr) -> Any:
    try:
        return ast.literal_eval(node)
    except (ValueError, TypeError, SyntaxError, RecursionError):
        return None


def _requirement_files(tree: Path) -> tuple[list[Requirement], str] | None:
    found = [
        _requirement(line, name)
        for name in REQUIREMENT_FILES
        for line in _meaningful((read_text(tree / name) or "").splitlines())
    ]
    return (found, "") if found else None


def _test_lines(extras: Mapping[str, Any]) -> list[str]:
    """Return the first extra that is for tests."""
    for name in TEST_EXTRAS:
        if extras.get(name):
            return _strings(extras[name])
    return []


def _expand(lines: Iterable[str], own: str, extras: Mapping[str, Any], where: str) -> list[Requirement]:
    """Parse lines; a requirement of the project itself (``name[extra]``) stands for its extras' lines."""
    found: list[Requirement] = []
    waiting, seen = list(_meaningful(lines)), set[str]()
    while waiting:
        requirement = _requirement(waiting.pop(0), where)
        if canonicalize_name(requirement.name) != canonicalize_name(own):
            found.append(requirement)
            continue
        for extra in sorted(requirement.extras - seen):
            seen.add(extra)
            waiting += _meaningful(_strings(extras.get(extra)))
    return found


def _requirement(line: str, where: str) -> Requirement:
    line = line.strip()
    advice = f"list what the tests need under environment.packages in {OWN_FILE}"
    if line.startswith("-"):
        raise UsageError(f"{where}: {line!r} is an option for pip, which is refused: {advice}")
    try:
        requirement = Requirement(line)
    except InvalidRequirement:
        raise UsageError(f"{where}: {line!r} does not name a package of the index: {advice}") from None
    if requirement.url:
        raise UsageError(f"{where}: {line!r} comes from a URL, which is refused: {advice}")
    return requirement


def _python(specifier: str) -> str:
    """Return the version that runs Runoff if the project allows it, else the oldest allowed one."""
    try:
        allowed = SpecifierSet(specifier)
    except InvalidSpecifier:
        raise UsageError(f"requires-python {specifier!r} is not a version specifier") from None
    running = f"3.{sys.version_info.minor}"
    for version in [running, *(f"3.{minor}" for minor in MINORS)]:
        # The latest patch release stands for the minor version: `>=3.11.2` means 3.11 to us.
        if allowed.contains(f"{version}.99") or allowed.contains(version):
            return version
    raise UsageError(f"requires-python {specifier!r} allows no Python that Runoff knows (3.{MINORS[0]} and later)")


def _meaningful(lines: Iterable[str]) -> Iterator[str]:
    for line in lines:
        text = re.sub(r"(^|\s)#.*", "", line).strip()
        if text:
            yield text


def _strings(value: object) -> list[str]:
    if isinstance(value, str):
        return value.splitlines()
    return [item for item in value if isinstance(item, str)] if isinstance(value, list | tuple) else []


def _mapping(value: object) -> dict[str, Any]:
    return dict(value) if isinstance(value, dict) else {}


def read_text(path: Path) -> str | None:
    """Return a regular file of the tree as text; None when there is none. A link could point at the host's files."""
    if path.is_symlink() or not path.is_file():
        return None
    if path.stat().st_size > MAX_BYTES:
        raise UsageError(f"{path.name} is larger than {MAX_BYTES >> 20} MiB: Runoff does not read it")
    return path.read_bytes().decode("utf-8", errors="replace")
