"""Tasks with their trees and right patches: made of recipes, or rows whose repository is at hand."""

from __future__ import annotations

import logging
import tempfile
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from platformdirs import user_cache_path

from agent.context.file_kinds import file_kind
from agent.patch import make_patch
from environments.errors import RepositoryError
from environments.sandboxes.contract import WORKTREE
from environments.task import Task
from environments.trees.beneath import OutsideError, read_beneath
from environments.trees.repositories import Repositories
from environments.trees.worktree import files as tree_files
from swebench_runs.errors import UsageError
from swebench_runs.rows import Row
from swebench_runs.splits.recipe_split import RecipeSplit
from swebench_runs.splits.row_split import RowSplit
from swebench_runs.splits.split import Split

logger = logging.getLogger(__name__)

LARGEST = 5_000_000
"""Bytes of the largest file that is read: a context shows less of any."""


@dataclass(frozen=True)
class Known:
    """A task, and the patch that resolves it. No agent gets one."""

    instance_id: str
    cluster: str
    statement: str
    files: Callable[[], dict[str, bytes]]
    """Its tree, read when it is called."""
    patch: str


def known_tasks(split: Split, tasks: Iterable[Task], repos: Path | None = None) -> Iterator[Known]:
    """Yield tasks of a split with what they are measured by. ``repos``: a folder of repositories, for rows."""
    if isinstance(split, RecipeSplit):
        return _of_recipes(split, tasks)
    if isinstance(split, RowSplit):
        return _of_rows((split.rows[task.instance_id] for task in tasks), repos)
    raise UsageError(f"{split.name} has no right patches: name a split of recipes, or rows of a data set")


def _of_recipes(split: RecipeSplit, tasks: Iterable[Task]) -> Iterator[Known]:
    """Yield each with the change that takes its bug out again."""
    for task in tasks:
        with tempfile.TemporaryDirectory(prefix="runoff-context-") as name:
            split.lay_tree(task, Path(name))
            files = contents(Path(name) / WORKTREE.strip("/"))
        path, right = split.right_file(task.instance_id)
        patch = make_patch({path: files[path]}, {path: right})
        yield Known(task.instance_id, task.repo, task.problem_statement, partial(dict, files), patch)


def _of_rows(rows: Iterable[Row], repos: Path | None) -> Iterator[Known]:
    """Yield rows whose repository has their commit; a row that has no tree here, or no patch, is told and left out."""
    if repos is not None and not repos.expanduser().is_dir():
        raise UsageError(f"--repos {repos}: no such folder")
    repositories = Repositories(repos.expanduser().resolve() if repos else None, user_cache_path("runoff"))
    for row in rows:
        if not row.patch or row.base_commit is None:
            logger.warning("%s is left out: the row has no patch, or no commit", row.instance_id)
            continue
        try:
            repositories.contents(row.repo, row.base_commit, at_most=LARGEST, wanted=lambda path: False)
        except RepositoryError as error:
            logger.warning("%s is left out: %s", row.instance_id, error)
            continue
        wanted = partial(_may_be_shown, row.problem_statement)
        files = partial(repositories.contents, row.repo, row.base_commit, at_most=LARGEST, wanted=wanted)
        yield Known(row.instance_id, row.repo, row.problem_statement, files, row.patch)


def _may_be_shown(statement: str, path: str) -> bool:
    """Tell whether a context can show a file, or go by it: Python code, tests too, or what the issue names."""
    if path.endswith(".py"):
        return file_kind(path) != "cache"
    return path.rpartition("/")[2] in statement


def contents(tree: Path) -> dict[str, bytes]:
    """Return the regular files of a tree, by their paths; no link is followed."""
    found = {}
    for name in tree_files(tree):
        try:
            found[name] = read_beneath(tree, name, at_most=LARGEST)
        except OutsideError:
            continue  # a link, or too large to be shown
    return found
