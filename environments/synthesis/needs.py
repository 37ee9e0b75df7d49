"""What a package's suite needs beside the test runner: as the package declares it, pinned as it is installed."""

from __future__ import annotations

import importlib.metadata
from collections.abc import Callable, Sequence
from pathlib import Path

from packaging.utils import canonicalize_name

from environments.synthesis.catalogue import Package
from environments.synthesis.sdists import SdistError
from environments.task import EnvironmentSpec
from environments.workbench.python_env import PythonEnvironmentError, site_packages, without_lacking

Declared = Callable[[Path], Sequence[str]]
"""Tells the requirements, tests' included, that an unpacked tree declares."""


def with_needs(
    package: Package, requirements: Sequence[str], cache: Path | None, progress: Callable[[str], None]
) -> Package:
    """Return a package whose environment holds its requirements, at the versions that the index gives today.

    What has no wheel is told and left out. Raises PythonEnvironmentError for all else that cannot be installed, and
    SdistError where the package itself would be installed: a right copy of what is to be mutated.
    """
    spec = package.environment.model_copy(update={"packages": (*requirements, "pytest>=7")})
    pinned = spec.model_copy(update={"packages": _versions(_installed(spec, cache, progress))})
    if package.name in {requirement.partition("==")[0] for requirement in pinned.packages}:
        raise SdistError(f"{package.name} cannot be mutated: what its suite needs brings a right copy of it")
    return package.model_copy(update={"environment": pinned})


def _installed(spec: EnvironmentSpec, cache: Path | None, progress: Callable[[str], None]) -> Path:
    while True:
        try:
            return site_packages(spec, cache)
        except PythonEnvironmentError as error:
            spec = without_lacking(spec, error)
            progress(f"left out: {error.lacking}, or what it needs, has no wheel for this Python")


def _versions(folder: Path) -> tuple[str, ...]:
    found = importlib.metadata.distributions(path=[str(folder)])
    return tuple(sorted(f"{canonicalize_name(one.metadata['Name'])}=={one.version}" for one in found))
