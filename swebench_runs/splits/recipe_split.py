"""A split of tasks that are stored as recipes: what agents see of each, its tree, and, apart, what grades it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path

from environments.errors import RepositoryError
from environments.sandboxes.contract import WORKTREE, Limits, Sandbox
from environments.sandboxes.leftovers import temporary
from environments.synthesis.catalogue import RUNNING, is_test_path
from environments.synthesis.cutting import CutError
from environments.synthesis.recipe import Recipe, RecipeError, StatementKind, build
from environments.synthesis.sdists import SdistError, unpack
from environments.task import Task
from environments.trees.worktree import files
from swebench_runs.errors import EnvironmentMissing, RunoffError
from swebench_runs.figures.metrics import StatementKind as ReportedKind
from swebench_runs.grades.grading import Grade, Grader, HiddenTests, grade_patch
from swebench_runs.one_task.ground.base_sandbox import laid, prepare_host


class RecipeSplit:
    """A ``Split`` whose trees are packages from an index with a bug put in."""

    can_grade = True
    source: Mapping[str, str] = {}
    unreadable: Mapping[str, str] = {}

    def __init__(
        self, name: str, recipes: Iterable[Recipe], cache: Path | None = None, limits: Limits | None = None
    ) -> None:
        """``cache``: where sdists are kept, by default the user's cache folder; ``limits``: not of graders'."""
        self._limits = limits
        self.name = name
        self._recipes = {recipe.instance_id: recipe for recipe in recipes}
        self._cache = cache

    def tasks(self) -> list[Task]:
        """Return the tasks, in the order of the split."""
        return [_task(recipe) for recipe in self._recipes.values()]

    def check_host(self) -> None:
        """Check that this host can sandbox; see ``Split.check_host``."""
        prepare_host()

    def open_base(self, task: Task, run_id: str) -> AbstractContextManager[Sandbox]:
        """Give the task's base sandbox; see ``Split.open_base``."""
        return laid(self.lay_tree, self._limits)(task, run_id)

    def lay_tree(self, task: Task, layer: Path) -> None:
        """Build the task's tree in the new folder ``layer``, where a sandbox expects it.

        The tree is checked against the recipe, byte for byte. Raises EnvironmentMissing when its package cannot be
        had and RunoffError when the recipe does not give its tree.
        """
        recipe = self._recipe(task.instance_id)
        with temporary("tree-") as workspace:
            try:
                build(recipe, layer / WORKTREE.strip("/"), workspace, self._cache)
            except SdistError as error:
                raise EnvironmentMissing(str(error)) from error
            except (CutError, RecipeError, RepositoryError, FileNotFoundError) as error:
                raise RunoffError(f"{task.instance_id} cannot be rebuilt: {error}") from error

    def made(self, instance_id: str) -> dict[str, str]:
        """Say nothing: task.json tells all that a sandbox is made of."""
        return {}

    def kind(self, instance_id: str) -> ReportedKind:
        """Say how a task's statement shows the bug."""
        return "example" if self._recipe(instance_id).kind is StatementKind.EXAMPLE else "prose"

    def fault(self, instance_id: str) -> tuple[str, str]:
        """Return the file and the symbol that hold a task's bug."""
        mutation = self._recipe(instance_id).mutation
        return mutation.file, mutation.symbol

    @contextmanager
    def grader(self, task: Task, run_id: str, *, timeout: float, logs: Path) -> Iterator[Grader]:
        """Give what grades a task's patches; see ``Split.grader``. Nothing is written to ``logs``."""
        hidden = self.hidden_tests(task.instance_id)
        with laid(self.lay_tree)(task, f"{run_id}-grading") as base:

            def grade(patch: str) -> Grade:
                return grade_patch(patch, base, task.environment, hidden, timeout=timeout)

            yield grade

    def hidden_tests(self, instance_id: str) -> HiddenTests:
        """Return what grades a task: the test lists, and every test file as it was before the cut."""
        recipe = self._recipe(instance_id)
        with temporary("hidden-") as workspace:
            original = workspace / "sdist"
            try:
                unpack(recipe.package.sdist(self._cache), original)
            except SdistError as error:
                raise EnvironmentMissing(str(error)) from error
            names = [name for name in files(original) if is_test_path(name) or name in recipe.cut]
            content = {name: (original / name).read_bytes() for name in names if not (original / name).is_symlink()}
            right = {recipe.mutation.file: (original / recipe.mutation.file).read_bytes()}
        return HiddenTests(
            fail_to_pass=recipe.fail_to_pass, pass_to_pass=recipe.pass_to_pass, files=content, right=right
        )

    def right_file(self, instance_id: str) -> tuple[str, bytes]:
        """Return the file that holds a task's bug, as it is without it: for grading and measuring alone."""
        recipe = self._recipe(instance_id)
        with temporary("right-") as workspace:
            original = workspace / "sdist"
            try:
                unpack(recipe.package.sdist(self._cache), original)
            except SdistError as error:
                raise EnvironmentMissing(str(error)) from error
            return recipe.mutation.file, (original / recipe.mutation.file).read_bytes()

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
