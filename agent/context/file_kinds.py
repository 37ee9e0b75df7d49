"""Which Python files of a repository are its source, and which only stand beside it."""

from __future__ import annotations

from functools import lru_cache
from pathlib import PurePosixPath
from typing import Literal

from agent.patch.paths import is_cache_path, is_test_path

FileKind = Literal["source", "test", "beside", "cache"]

_BESIDE = frozenset(
    [
        "doc",
        "docs",
        "documentation",
        "example",
        "examples",
        "demo",
        "demos",
        "sample",
        "samples",
        "tutorial",
        "tutorials",
        "gallery",
        "galleries",
        "benchmark",
        "benchmarks",
        "bench",
        "asv_bench",
        "asv_benchmarks",
        "script",
        "scripts",
        "tool",
        "tools",
        "bin",
        "ci",
        "release",
        ".ci",
        ".github",
        ".circleci",
        "extern",
        "externals",
        "_vendor",
        "vendor",
        "vendored",
        "_vendored",
        "third_party",
        "thirdparty",
        "_extern",
        "cextern",
        "node_modules",
        "site-packages",
        "licenses",
        "packaging",
        "maintainer",
    ]
)
"""Folders of documentation, examples, benchmarks, scripts and other projects' code."""
_BESIDE_AT_TOP = frozenset(
    {"setup.py", "setupbase.py", "setup_package.py", "setup_helpers.py", "setupext.py", "ez_setup.py", "versioneer.py"}
    | {"distribute_setup.py", "ah_bootstrap.py", "noxfile.py", "fabfile.py", "tasks.py", "conf.py", "runtests.py"}
)
_BESIDE_ANYWHERE = frozenset({"_version.py", "setup_package.py", "versioneer.py"})
_PACKAGES_INSIDE = "packages"
"""``requests/packages/urllib3``: a folder of a package's own where other projects lie."""


@lru_cache(maxsize=50_000)
def file_kind(path: str) -> FileKind:
    """Tell what a file is by its path."""
    if is_cache_path(path):
        return "cache"
    if is_test_path(path):
        return "test"
    pure = PurePosixPath(path)
    folders = pure.parts[:-1]
    if any(folder in _BESIDE for folder in folders[:2]) or any(f in _BESIDE and "vendor" in f for f in folders):
        return "beside"
    if _PACKAGES_INSIDE in folders[1:2] and len(folders) > 2:
        return "beside"
    if pure.name in _BESIDE_ANYWHERE or (len(folders) == 0 and pure.name in _BESIDE_AT_TOP):
        return "beside"
    return "source"
