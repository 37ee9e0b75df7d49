"""A split of tasks that are stored as recipes: what agents see of each, its tree, and, apart, what grades it."""

from __future__ import annotations

import tempfile
from collections.abc import Iterable
from pathlib import Path

from environments.sandbox import WORKTREE
from environments.synthesis.catalogue import RUNNING, is_test_path
from environments.synthesis.cutting import CutError
from environments.synthesis.recipe import Recipe, RecipeError, StatementKind, build
from environments.synthesis.sdists import SdistError, unpack
from environments.task import Task
from environments.worktree import WorktreeError, files
from swebench_runs.errors import EnvironmentMissing, RunoffError
from swebench_runs.grading import HiddenTests


class Split:
    """A named list of tasks. Everything beyond ``tasks`` and ``lay_tree`` is for grading and reports alone."""

    can_grade = True

    def __init__(self, name: str, recipes: Iterable[Recipe], cache: Path | None = None) -> None:
        """``cache``: where sdists are kept; by default the user's cache folder."""
        self.name = name
        self._recipes = {recipe.instance_id: recipe for recipe in recipes}
        self._cache = cache

    def tasks(self) -> list[Task]:
        """Return the tasks, in the order of the split."""
        return [_task(recipe) for recipe in self._recipes.values()]

    def lay_tree(self, task: Task, layer: Path) -> None:
        """Build the task's tree in the new folder ``layer``, where a sandbox expects it.

        The tree is checked against the recipe, byte for byte. Raises EnvironmentMissing when its package cannot be
        had and RunoffError when the recipe does not give its tree.
        """
        recipe = self._recipe(task.instance_id)
        with tempfile.TemporaryDirectory(prefix="runoff-tree-") as workspace:
            try:
                build(recipe, layer / WORKTREE.strip("/"), Path(workspace), self._cache)
            except SdistError as error:
                raise EnvironmentMissing(str(error)) from error
            except (CutError, RecipeError, WorktreeError, FileNotFoundError) as error:
                raise RunoffError(f"{task.instance_id} cannot be rebuilt: {error}") from error

    def kind(self, instance_id: str) -> StatementKind:
        """Say how a task's statement shows the bug; every figure is split by it."""
        return self._recipe(instance_id).kind

    def fault(self, instance_id: str) -> tuple[str, str]:
        """Return the file and the symbol that hold a task's bug."""
        mutation = self._recipe(instance_id).mutation
        return mutation.file, mutation.symbol

    def hidden_tests(self, instance_id: str) -> HiddenTests:
        """Return what grades a task: the test lists, and every test file as it was before the cut."""
        recipe = self._recipe(instance_id)
        with tempfile.TemporaryDirectory(prefix="runoff-hidden-") as workspace:
            original = Path(workspace) / "sdist"
            try:
                unpack(recipe.package.sdist(self._cache), original)
            except SdistError as error:
                raise EnvironmentMissing(str(error)) from error
            names = [name for name in files(original) if is_test_path(name) or name in recipe.cut]
            content = {name: (original / name).read_bytes() for name in names if not (original / name).is_symlink()}
        return HiddenTests(fail_to_pass=recipe.fail_to_pass, pass_to_pass=recipe.pass_to_pass, files=content)

    def _recipe(self, instance_id: str) -> Recipe:
        if instance_id not in self._recipes:
            raise RunoffError(f"the split {self.name} has no task {instance_id}")
        return self._recipes[instance_id]


def _task(recipe: Recipe) -> Task:
    """Show what agents may know; the suite runs on this host's Python, whichever validated the recipe."""
    return Task(
        instance_id=recipe.instance_id,
        repo=recipe.package.name,
        base_commit=recipe.base_commit,
        problem_statement=recipe.statement,
        environment=recipe.package.environment.model_copy(update={"python": RUNNING}),
    )
