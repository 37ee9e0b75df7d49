"""A task as a recipe: what to download and what to change. Holds grading data; never the package's code."""

from __future__ import annotations

import tempfile
from enum import StrEnum
from pathlib import Path

from pydantic import BaseModel, ConfigDict

from environments.errors import DataError
from environments.synthesis.catalogue import Package
from environments.synthesis.cutting import TestFunction, cut
from environments.synthesis.evidence.example import BugExample
from environments.synthesis.operators import Site, sites
from environments.synthesis.sdists import unpack
from environments.trees.worktree import one_commit, tree_id


class RecipeError(DataError):
    """The recipe does not give the tree it gave when it was made. One clear line."""


class StatementKind(StrEnum):
    """How the problem statement shows the bug."""

    EXAMPLE = "example"
    PROSE = "prose"


class Mutation(BaseModel):
    """One injected bug: a site of an operator in a file of the package."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    file: str
    symbol: str
    operator: str
    site: int
    """Index into ``operators.sites(file, operator)``."""

    def site_in(self, source: bytes) -> Site:
        """Return the site. Raises RecipeError when the file has no such site."""
        found = sites(source, self.operator)
        if self.site >= len(found) or found[self.site].symbol != self.symbol:
            raise RecipeError(f"{self.file} has no site {self.site} of {self.operator} in {self.symbol}")
        return found[self.site]


class Recipe(BaseModel):
    """Everything that rebuilds one task byte for byte and grades it."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    instance_id: str
    package: Package
    mutation: Mutation
    seed: str
    """What the draw was seeded with."""
    kind: StatementKind
    evidence: BugExample
    template: str
    statement: str
    """``template`` rendered with ``evidence``."""
    cut: dict[str, tuple[str, ...]]
    """Test functions that leave the tree: path -> symbols."""
    fail_to_pass: tuple[str, ...]
    pass_to_pass: tuple[str, ...]
    base_commit: str = ""
    tree: str = ""
    """Id of the git tree."""


def changed_files(recipe: Recipe, original: Path) -> dict[str, bytes]:
    """Return the files in which the task's tree differs from the original tree, with the bug in and the tests cut."""
    source = (original / recipe.mutation.file).read_bytes()
    changes = {recipe.mutation.file: recipe.mutation.site_in(source).apply(source)}
    for path, symbols in recipe.cut.items():
        changes[path] = cut((original / path).read_bytes(), symbols)
    return changes


def build(recipe: Recipe, destination: Path, workspace: Path, cache: Path | None = None) -> str:
    """Build the task's one-commit tree as the new folder ``destination``; return its commit.

    ``workspace``: an existing folder for the unpacked sdist. Raises SdistError, CutError or RecipeError.
    """
    unpacked = workspace / "sdist"
    unpack(recipe.package.sdist(cache), unpacked)
    for path, content in changed_files(recipe, unpacked).items():
        (unpacked / path).write_bytes(content)
    commit = one_commit(unpacked, destination)
    if recipe.tree and (tree_id(destination), commit) != (recipe.tree, recipe.base_commit):
        raise RecipeError(f"{recipe.instance_id} was rebuilt as tree {tree_id(destination)}, not {recipe.tree}")
    return commit


def stamped(recipe: Recipe, cache: Path | None = None) -> Recipe:
    """Build a new recipe's tree once and return the recipe with the commit and tree it must give ever after."""
    with tempfile.TemporaryDirectory() as workspace:
        tree = Path(workspace) / "tree"
        commit = build(recipe, tree, Path(workspace), cache)
        return recipe.model_copy(update={"base_commit": commit, "tree": tree_id(tree)})


def cut_of(functions: list[TestFunction]) -> dict[str, tuple[str, ...]]:
    """Group test functions by file."""
    grouped: dict[str, list[str]] = {}
    for function in functions:
        grouped.setdefault(function.path, []).append(function.symbol)
    return {path: tuple(symbols) for path, symbols in grouped.items()}
