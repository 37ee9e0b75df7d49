"""The packages of the starter subset, pinned by hash, and the layout of any other sdist."""

from __future__ import annotations

import sys
from functools import cache
from importlib.resources import files
from pathlib import Path

import yaml
from pydantic import BaseModel, ConfigDict

from environments.synthesis.sdists import Sdist, SdistError, fetch, normalised, unpack
from environments.task import EnvironmentSpec

PYTEST = ("iniconfig==2.3.1", "packaging==26.3", "pluggy==1.7.0", "pygments==2.21.0", "pytest==8.4.2")
"""What every suite runs on: a package of this list cannot be mutated, since a right copy would be importable."""

RUNNING = f"{sys.version_info.major}.{sys.version_info.minor}"
"""The packages are pure Python: their suites run on whatever Python runs Runoff."""

_UNMUTABLE = {requirement.partition("==")[0] for requirement in PYTEST}


class Package(BaseModel):
    """A real package whose code gets bugs and whose suite judges them."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: str
    version: str
    sha256: str
    environment: EnvironmentSpec
    sources: tuple[str, ...]
    """Folders or files of the tree, relative to its root, whose code may be mutated (tests in them are not)."""

    def sdist(self, cache_folder: Path | None = None) -> Sdist:
        """Fetch the package's sdist, or take it from the cache. Raises SdistError."""
        return fetch(self.name, self.version, self.sha256, cache_folder)

    def modules(self, tree: Path) -> list[str]:
        """List the modules that may be mutated, relative to the tree's root, sorted."""
        found: set[str] = set()
        for source in self.sources:
            top = tree / source
            found |= {str(path.relative_to(tree)) for path in ([top] if top.is_file() else top.rglob("*.py"))}
        return sorted(name for name in found if not is_test_path(name))


def is_test_path(name: str) -> bool:
    """Say whether a path of a tree belongs to its tests."""
    *folders, file = Path(name).parts
    in_tests = any(folder in ("test", "tests", "testing") for folder in folders)
    return in_tests or file.startswith(("test_", "tests.")) or file.endswith("_test.py") or file == "conftest.py"


@cache
def catalogue() -> dict[str, Package]:
    """Return the catalogue's packages by name."""
    text = (files("environments.synthesis") / "catalogue.yaml").read_text(encoding="utf-8")
    packages = []
    for entry in yaml.safe_load(text):
        environment = {"python": RUNNING, "packages": PYTEST, **entry.pop("environment", {})}
        packages.append(Package(environment=EnvironmentSpec(**environment), **entry))
    return {package.name: package for package in packages}


def find(name: str, version: str, workspace: Path, cache_folder: Path | None = None) -> Package:
    """Return the catalogue's entry, or infer one from the sdist of a package that is not in it.

    ``workspace``: a folder for the unpacked sdist. Raises SdistError when the package cannot be mutated.
    """
    known = catalogue().get(normalised(name))
    if known is not None and known.version == version:
        return known
    if normalised(name) in _UNMUTABLE:
        raise SdistError(f"{name} cannot be mutated: the test runner itself needs it, so a right copy is importable")
    sdist = fetch(name, version, cache_folder=cache_folder)
    tree = workspace / f"{normalised(name)}-{version}"
    unpack(sdist, tree)
    return infer(normalised(name), version, sdist.sha256, tree)


def infer(name: str, version: str, sha256: str, tree: Path) -> Package:
    """Infer where an unpacked sdist keeps its code and tests: ``src`` or flat layout, one package or module."""
    root = "src" if (tree / "src").is_dir() else "."
    top = tree / root
    stem = name.replace("-", "_")
    packages = [p.parent for p in top.glob("*/__init__.py") if not is_test_path(f"{p.parent.name}/x")]
    candidates = [*packages, *(p for p in top.glob("*.py") if p.name != "setup.py" and not is_test_path(p.name))]
    exact = [path for path in candidates if path.stem.lower() == stem]
    sources = tuple(sorted(str(path.relative_to(tree)) for path in exact or candidates))
    tests = [folder for folder in ("tests", "test") if (tree / folder).is_dir()]
    within = [
        path for source in sources for pattern in ("**/tests", "**/tests.py") for path in (tree / source).glob(pattern)
    ]
    inside = sorted(str(path.relative_to(tree)) for path in within)
    single = [str(p.relative_to(tree)) for p in sorted(tree.glob("test*.py"))]
    found = tuple(tests or inside or single)
    if not sources or not found:
        raise SdistError(
            f"the sdist of {name}=={version} has no {'code' if not sources else 'tests'} that can be found"
        )
    python_path = (root, ".") if root == "src" else (".",)
    environment = EnvironmentSpec(python=RUNNING, packages=PYTEST, python_path=python_path, test_paths=found)
    return Package(name=name, version=version, sha256=sha256, environment=environment, sources=sources)
