import json
import random
import subprocess

import pytest

from environments.synthesis.catalogue import catalogue
from environments.synthesis.originals import original_texts
from environments.synthesis.recipe import StatementKind
from environments.synthesis.sdists import unpack
from environments.synthesis.statement import render
from environments.task import Task
from environments.trees.worktree import tree_id
from environments.workbench.forks.bytecode import CACHE
from environments.workbench.outcome import Outcome
from environments.workbench.scripts.script_runner import python_command
from environments.workbench.suites.suite_runner import run_suite
from swebench_runs import splits
from swebench_runs.errors import RunoffError, UsageError
from swebench_runs.grades.grading import grade_patch
from swebench_runs.one_task.ground.base_sandbox import open_base
from swebench_runs.splits.starter_draw import SEED, TASKS_PER_PACKAGE, stored

RECIPES = {recipe.instance_id: recipe for report in stored().reports.values() for recipe in report.recipes}
DRAWN = random.Random(SEED).sample(sorted(RECIPES), 3)


@pytest.fixture(scope="module")
def starter():
    return splits.load("starter", "test")


@pytest.fixture(scope="module", params=DRAWN)
def laid(request, starter, tmp_path_factory):
    """A starter task with its tree, its sandbox, and the original tree beside them."""
    folder = tmp_path_factory.mktemp("task")
    task = next(task for task in starter.tasks() if task.instance_id == request.param)
    starter.lay_tree(task, folder / "layer")
    recipe = RECIPES[task.instance_id]
    unpack(recipe.package.sdist(), folder / "original")
    with open_base(task.environment, folder / "layer", run_id="test-splits") as base:
        yield task, recipe, folder, base


def gold(recipe, folder):
    """The patch that puts the original file back."""
    path = folder / "layer" / "testbed" / recipe.mutation.file
    wrong = path.read_bytes()
    path.write_bytes((folder / "original" / recipe.mutation.file).read_bytes())
    diff = subprocess.run(["git", "diff"], cwd=path.parent, capture_output=True, check=True).stdout.decode()
    path.write_bytes(wrong)
    return diff


def test_a_task_is_rebuilt_byte_for_byte(laid):
    task, recipe, folder, _ = laid
    assert tree_id(folder / "layer" / "testbed") == recipe.tree
    head = subprocess.run(
        ["git", "rev-parse", "HEAD"], cwd=folder / "layer" / "testbed", capture_output=True, check=True
    )
    assert head.stdout.decode().strip() == recipe.base_commit == task.base_commit


def test_the_original_file_resolves_a_task_and_anything_else_does_not(laid, starter):
    task, recipe, folder, base = laid
    hidden = starter.hidden_tests(task.instance_id)
    right = grade_patch(gold(recipe, folder), base, task.environment, hidden, timeout=60)
    assert (right.outcome, right.reason) == ("resolved", "")
    nothing = "diff --git a/new.py b/new.py\nnew file mode 100644\n--- /dev/null\n+++ b/new.py\n@@ -0,0 +1 @@\n+x = 1\n"
    wrong = grade_patch(nothing, base, task.environment, hidden, timeout=60)
    assert wrong.outcome == "unresolved"
    assert set(wrong.failing) <= set(recipe.fail_to_pass)
    assert len(wrong.failing) == len(recipe.fail_to_pass)


SEARCH = """
import json, os, subprocess, sys
needles, names, cache = json.load(sys.stdin)
flat = lambda text: b"\\n".join(filter(None, (line.strip() for line in text.splitlines())))
system = ("/proc", "/sys", "/dev", "/usr", "/bin", "/sbin", "/lib", "/lib64", sys.base_prefix)
found, importable, searched = [], [], 0
for top in ["/", *sys.path]:
    for folder, folders, files in os.walk(top):
        if top == "/" and folder in system:
            folders.clear()
            continue
        for name in files if top == "/" else ():
            path = os.path.join(folder, name)
            source = os.path.join(folder, name.partition(".cpython-")[0] + ".py").removeprefix(cache)
            of_a_file = path.startswith(cache + "/") and os.path.isfile(source)  # which is the system's, or searched
            if name.endswith((".pyc", ".pyo", ".whl", ".egg")) and not of_a_file:
                importable.append(path)
            if os.path.isfile(path) and os.access(path, os.R_OK):
                searched += 1
                text = flat(open(path, "rb").read())
                found += [path for needle in needles if needle.encode() in text]
        if top != "/" and not top.startswith("/testbed"):
            importable += [os.path.join(folder, name) for name in folders + files if name.removesuffix(".py") in names]
            folders.clear()
objects = subprocess.run(["git", "-c", "safe.directory=*", "cat-file", "--batch-all-objects", "--batch"],
                         cwd="/testbed", capture_output=True, check=True).stdout
found += ["git objects" for needle in needles if needle.encode() in flat(objects)]
print(json.dumps([found, importable, searched]))
"""
"""Searches every file that is not the system's for a text, git's objects too, and sys.path for a copy by name."""


def test_the_original_function_is_nowhere_in_the_sandbox(laid):
    task, recipe, folder, base = laid
    path = recipe.mutation.file
    needles = [
        text.decode() for text in original_texts((folder / "original" / path).read_bytes(), recipe.mutation.symbol)
    ]
    names = sorted({source.rpartition("/")[2].removesuffix(".py") for source in recipe.package.sources})
    order = json.dumps([needles, names, CACHE]).encode()
    with base.fork() as sandbox:
        command = python_command(task.environment, "-c", SEARCH)
        found, importable, searched = json.loads(sandbox.run(command, timeout=120, stdin=order).output)
        assert (found, importable) == ([], [])
        assert searched > 100
        sandbox.write(f"{CACHE}/testbed/{names[0]}_copy.cpython-311.pyc", b"compiled")
        _, importable, _ = json.loads(sandbox.run(command, timeout=120, stdin=order).output)
        assert importable, "byte code whose source is nowhere is told"
        sandbox.write("copy.patch", (folder / "original" / path).read_bytes())
        found, _, _ = json.loads(sandbox.run(command, timeout=120, stdin=order).output)
        assert found, "the search finds a planted copy"


def test_the_cut_tests_are_gone_and_the_rest_passes(laid):
    task, recipe, folder, base = laid
    for path, symbols in recipe.cut.items():
        text = (folder / "layer" / "testbed" / path).read_text()
        assert not any(f"def {symbol.rpartition('.')[2]}(" in text for symbol in symbols)
    with base.fork() as sandbox:
        suite = run_suite(sandbox, task.environment, timeout=60)
    assert suite.problem is None
    assert set(suite.outcomes.values()) <= {Outcome.PASS, Outcome.MISSING}
    assert not set(suite.outcomes) & set(recipe.fail_to_pass)


def test_thirty_six_tasks_of_a_dozen_packages_and_more_as_the_seed_gave_them():
    subset = stored()
    assert subset.seed == SEED
    assert set(subset.reports) == set(catalogue())
    assert len(RECIPES) == 36
    for report in subset.reports.values():
        assert report.tried == sum(report.dropped.values()) + len(report.recipes)
        assert len(report.recipes) <= TASKS_PER_PACKAGE == report.asked
    kinds = [recipe.kind for recipe in RECIPES.values()]
    assert kinds.count(StatementKind.PROSE) == 12


@pytest.mark.parametrize("instance_id", sorted(RECIPES))
def test_a_statement_is_its_evidence_and_names_no_test_and_no_fix(instance_id):
    recipe = RECIPES[instance_id]
    statement = recipe.statement
    assert statement == render(recipe.template, recipe.evidence, recipe.package.name, recipe.package.version)
    for path, symbols in recipe.cut.items():
        for symbol in symbols:
            assert symbol.rpartition(".")[2] not in statement
        assert path.rpartition("/")[2] not in statement
    assert recipe.mutation.operator not in instance_id + statement
    assert recipe.mutation.file not in statement
    assert ("```" in statement) == (recipe.kind is StatementKind.EXAMPLE)
    assert 1 <= len(recipe.fail_to_pass) <= 10
    assert recipe.pass_to_pass
    assert not set(recipe.fail_to_pass) & set(recipe.pass_to_pass)


def test_a_task_holds_nothing_of_its_recipe(starter):
    for task in starter.tasks():
        assert type(task) is Task
        recipe = RECIPES[task.instance_id]
        told = task.model_dump_json(exclude={"problem_statement", "base_commit"})
        for secret in (recipe.mutation.operator, recipe.mutation.file, *recipe.fail_to_pass, recipe.tree):
            assert secret not in told
        assert starter.kind(task.instance_id) == recipe.kind


def test_recipes_hold_no_code_of_a_package():
    for recipe in RECIPES.values():
        stored_text = recipe.model_dump_json(exclude={"statement", "evidence"})
        assert "def " not in stored_text
        assert "return " not in stored_text


def test_a_recipe_that_gives_another_tree_is_refused(tmp_path):
    recipe = RECIPES[DRAWN[0]].model_copy(update={"tree": "0" * 40})
    split = splits.RecipeSplit("odd", [recipe])
    with pytest.raises(RunoffError, match="was rebuilt as tree"):
        split.lay_tree(split.tasks()[0], tmp_path / "layer")


@pytest.mark.parametrize(
    "subset, part, message",
    [
        ("startr", "test", "did you mean starter"),
        ("starter", "dev", "--split test"),
        ("elsewhere", "test", "no subset 'elsewhere'"),
    ],
)
def test_an_unknown_name_is_a_usage_error(subset, part, message):
    with pytest.raises(UsageError, match=message):
        splits.load(subset, part)


def test_a_file_of_recipes_is_a_split(tmp_path):
    report = next(iter(stored().reports.values()))
    (tmp_path / "mine.json").write_text(report.model_dump_json())
    mine = splits.load(str(tmp_path / "mine.json"))
    assert [task.instance_id for task in mine.tasks()] == [recipe.instance_id for recipe in report.recipes]
    (tmp_path / "mine.json").write_text("{}")
    with pytest.raises(UsageError, match=r"mine\.json"):
        splits.load(str(tmp_path / "mine.json"))


def test_a_file_may_hold_the_recipes_of_several_packages(tmp_path):
    reports = dict(list(stored().reports.items())[:2])
    path = tmp_path / "mine.json"
    path.write_text(stored().model_copy(update={"reports": reports}).model_dump_json())
    found = splits.load(str(path)).tasks()
    assert [task.instance_id for task in found] == [one.instance_id for r in reports.values() for one in r.recipes]
