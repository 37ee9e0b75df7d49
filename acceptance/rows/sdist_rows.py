"""Rows of SWE-bench whose tree is a release's sdist: no clone of a repository is needed to run them to a graded report.

The last release before a fix is the row's base but for what other issues changed meanwhile. Both patches must apply to
it as they are; tests that should go on passing and are not in it yet are left out of the row.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from agent.patch import apply_patch
from environments.synthesis.sdists import fetch, unpack
from environments.trees.worktree import one_commit


@dataclass(frozen=True)
class Release:
    """A package's release on the index."""

    name: str
    version: str
    sha256: str


FLASK = Release("flask", "2.2.5", "edee9b0a7ff26621bd5a8c10ff484ae28737a2410d99b0bb9a6850c7fb977aa0")
SPHINX = Release("Sphinx", "3.3.0", "1c21e7c5481a31b531e6cbf59c3292852ccde175b504b00ce2ff0b8f4adc3649")


def lay_rows(rows: Iterable[tuple[Mapping[str, Any], Release]], folder: Path) -> Path:
    """Lay below ``folder`` a repository of one commit for each row (``repos``), and return the file of the rows.

    Rows of one repository are of one release.
    """
    given = list(rows)
    releases = {row["repo"]: release for row, release in given}
    bases = {repo: _commit(repo, release, folder) for repo, release in releases.items()}
    laid = [_laid(row, tree_of(release, folder), bases[row["repo"]]) for row, release in given]
    file = folder / "rows.jsonl"
    file.write_text("".join(f"{json.dumps(row)}\n" for row in laid))
    return file


def tree_of(release: Release, folder: Path) -> Path:
    """Return where ``lay_rows`` has unpacked a release."""
    return folder / "sdists" / release.name


def _commit(repo: str, release: Release, folder: Path) -> str:
    tree = tree_of(release, folder)
    tree.parent.mkdir(parents=True, exist_ok=True)
    unpack(fetch(release.name, release.version, release.sha256), tree)
    repos = folder / "repos"
    repos.mkdir(exist_ok=True)
    return one_commit(tree, repos / repo.replace("/", "__"))


def _laid(row: Mapping[str, Any], tree: Path, commit: str) -> dict[str, Any]:
    for patch in (row["patch"], row["test_patch"]):
        apply_patch(patch, lambda path: (tree / path).read_bytes())
    kept = [test for test in _tests(row.get("PASS_TO_PASS", [])) if _is_there(tree, test)]
    return {**row, "base_commit": commit, "PASS_TO_PASS": json.dumps(kept)}


def _tests(value: Any) -> list[str]:
    """Return a row's list of tests: data sets spell it as JSON text or as a list."""
    return list(json.loads(value) if isinstance(value, str) else value)


def _is_there(tree: Path, test: str) -> bool:
    path, _, name = test.partition("::")
    file = tree / path
    return file.is_file() and f"def {name.rpartition('::')[2].partition('[')[0]}(" in file.read_text()
