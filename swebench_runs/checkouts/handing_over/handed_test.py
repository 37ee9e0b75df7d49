"""The test that shows an issue, as a file of the repository's own suite: handed over only if it was seen to do so.

It must fail on the checkout as it is and pass with the patch, both seen here, in the framework and the folder that the
suite has. Where no form of it does, the reason is told instead.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import PurePosixPath

from agent.patch import make_patch, sections
from environments.sandboxes.contract import Sandbox
from environments.sandboxes.read_many import read_many
from environments.task import Task
from environments.workbench.forks.patched_trees import DoesNotApply, PatchedTrees
from environments.workbench.outcome import GeneratedTest, Outcome
from environments.workbench.scripts.python_text import parse
from environments.workbench.suites.suite_runner import tree_files
from environments.workbench.test_facts import facts_of, framework_of
from environments.workbench.test_module import IN_TREE, run_module
from selection.decision import Decision
from swebench_runs.checkouts.handing_over.suite_test import forms, name_of_test
from swebench_runs.one_task import given_tests
from swebench_runs.one_task.given_tests import GivenTests
from swebench_runs.one_task.pool import FILE, Pool
from swebench_runs.one_task.suite.nearby_tests import nearby_tests
from swebench_runs.run_folder.task_folder import TaskFolder

SECONDS = 60.0
"""Of one run of a form of the test."""
_MOST_TESTS = 3
"""Tests that are tried, best first."""


@dataclass(frozen=True)
class HandedTest:
    """What is handed over beside the patch."""

    said: str
    """Which test, where, and what was seen; or why there is none. One line."""
    patch: str = ""
    """The new file as a diff; empty where the suite has the test already, or there is none."""


def to_hand_over(folder: TaskFolder, decision: Decision, base: Sandbox, task: Task) -> HandedTest:
    """Make a file of the suite of what a task's decision rests on; see ``handed_test``."""
    pool, given = folder.read(FILE, Pool), folder.read(given_tests.FILE, GivenTests)
    passed = decision.evidence.passed if decision.evidence else ()
    tests = [test for test in (pool.tests if pool else ()) if test.id in passed]
    tests.sort(key=lambda test: ("existing", "module").index(test.kind) if test.kind in IN_TREE else 2)
    with base.fork() as fork:
        files = read_many(fork, [path for path in tree_files(fork) if path.endswith(".py")])
    return handed_test(tests, decision.patch, base, task, files, given.issue if given else task.problem_statement)


def handed_test(
    tests: Sequence[GeneratedTest], patch: str, base: Sandbox, task: Task, files: Mapping[str, bytes], issue: str
) -> HandedTest:
    """Make a file of the suite of the best of some tests that a patch passes.

    Args:
        tests: those that fail on the base and pass with the patch, best first.
        patch: what is handed over.
        base: the checkout's tree; it stays as it is.
        task: of which the environment counts.
        files: the tree's Python files.
        issue: its text, after which the test is named.
    """
    known = [test.path for test in tests if test.kind == "existing"]
    if known:
        return HandedTest(f"{known[0]} is in the suite already: it failed before and passes with the patch")
    if not tests:
        return HandedTest("none: no test was seen failing before and passing with the patch")
    trees = PatchedTrees(base, python_path=task.environment.python_path)
    try:
        for test in tests[:_MOST_TESTS]:
            for form in _forms(test, patch, task, files, issue):
                if _shows(trees, form, patch, task):
                    added = make_patch({form.path: None}, {form.path: form.source.encode()})
                    return HandedTest(f"{form.path} is new: it fails without the patch and passes with it", added)
    finally:
        trees.close()
    return HandedTest("none: what showed the issue does not do so as a test of the suite")


def _shows(trees: PatchedTrees, form: GeneratedTest, patch: str, task: Task) -> bool:
    """Tell whether a test fails on the base and passes with the patch."""
    for tree, wanted in ((None, Outcome.FAIL), (patch, Outcome.PASS)):
        try:
            with trees.fork(tree) as fork:
                if run_module(fork, form, task.environment, timeout=SECONDS).outcome is not wanted:
                    return False
        except DoesNotApply:
            return False
    return True


def _forms(
    test: GeneratedTest, patch: str, task: Task, files: Mapping[str, bytes], issue: str
) -> Iterator[GeneratedTest]:
    if test.kind == "module":
        yield test
        return
    changed = [section.path for section in sections(patch)]
    path = free_place(changed, files, task)
    unittest = framework_of(task.environment) != "pytest" or speaks_unittest(files)
    for source in forms(test.source, name_of_test(issue), unittest=unittest):
        yield GeneratedTest.of(source, test.origin, "module", path)


def free_place(changed: Sequence[str], files: Mapping[str, bytes], task: Task) -> str:
    """Return where a new test file goes: beside those of the code that changes, named after it."""
    near = nearby_tests(map(_as_module, changed), files)
    usual = facts_of(task.environment, files, seconds=SECONDS).folder
    folder = PurePosixPath(near[0]).parent if near else PurePosixPath(usual)
    stem = PurePosixPath(_as_module(changed[0])).stem if changed else ""
    stem = re.sub(r"\W+", "_", stem).strip("_") or "patch"
    numbers = ("", *(f"_{number}" for number in range(2, len(files) + 3)))
    return next(path for n in numbers if (path := str(folder / f"test_{stem}_issue{n}.py")) not in files)


def _as_module(path: str) -> str:
    """Return a package's own file under the package's name, after which its tests are named."""
    pure = PurePosixPath(path)
    return str(pure.with_name(f"{pure.parent.name}.py")) if pure.name == "__init__.py" and pure.parent.name else path


def speaks_unittest(files: Mapping[str, bytes]) -> bool:
    """Tell whether most of a suite's test files are written for unittest."""
    votes = [vote for path, content in files.items() if (vote := _speaks(path, content)) is not None]
    return sum(votes) * 2 > len(votes)


def _speaks(path: str, content: bytes) -> bool | None:
    """Tell whether a file's tests are unittest's; None for a file without tests."""
    name = PurePosixPath(path).name
    tree = parse(content.decode("utf-8", errors="replace")) if "test" in name else None
    if tree is None:
        return None
    if any(isinstance(node, ast.FunctionDef) and node.name.startswith("test") for node in tree.body):
        return False
    classes = (node for node in tree.body if isinstance(node, ast.ClassDef))
    bases = [ast.unparse(base) for node in classes for base in node.bases]
    return True if any(_is_case(bases)) else None


def _is_case(bases: Iterable[str]) -> Iterator[bool]:
    return (base.rpartition(".")[2].endswith("TestCase") for base in bases)
