import hashlib
import io
import tarfile
from concurrent.futures import ThreadPoolExecutor

import pytest

from environments.synthesis.catalogue import PYTEST, infer
from environments.synthesis.laboratory import Laboratory
from environments.synthesis.needs import with_needs
from environments.synthesis.originals import holds_original, original_texts
from environments.synthesis.recipe import RecipeError, build, changed_files
from environments.synthesis.report import kinds, mutate_package, synth_mutate
from environments.synthesis.sdists import Sdist, SdistError, unpack
from environments.task import EnvironmentSpec
from environments.trees.worktree import tree_id
from environments.workbench.python_env import site_packages

CODE = '''"""A small library."""


def clamp(value, low, high):
    """Keep a value between two bounds."""
    if value < low:
        return low
    if value > high:
        return high
    return value


def initials(name, separator="."):
    """Return the initials of a name."""
    words = name.split()
    letters = [word[0].upper() for word in words]
    return separator.join(letters)


def untested(value):
    """Nobody looks at this one."""
    if value > 3:
        return value + 1
    return value
'''
TESTS = """import pytest
from tinylib import clamp, initials


@pytest.mark.parametrize("value, expected", [(0, 1), (2, 2), (5, 4)])
def test_clamp(value, expected):
    assert clamp(value, 1, 4) == expected


def test_clamp_bounds():
    assert clamp(1, 1, 4) == 1


def test_initials():
    assert initials("ada lovelace") == "A.L"


def test_separator():
    name = "grace brewster hopper"
    assert initials(name, separator="") == "GBH"


def test_kinds():
    assert isinstance(initials("a"), str)
"""


def shelf(folder, tree):
    """Make a cache that holds the library's sdist, and the test runner as any cache would."""
    (folder / "sdists").mkdir()
    with tarfile.open(folder / "sdists" / "tinylib-1.0.tar.gz", mode="w:gz") as tar:
        for name, text in tree.items():
            member = tarfile.TarInfo(f"tinylib-1.0/{name}")
            member.size = len(text)
            tar.addfile(member, io.BytesIO(text.encode()))
    runner = site_packages(EnvironmentSpec(packages=PYTEST))
    (folder / "site-packages").symlink_to(runner.parent)
    return folder


def inferred(cache, folder):
    sdist = cache / "sdists" / "tinylib-1.0.tar.gz"
    digest = hashlib.sha256(sdist.read_bytes()).hexdigest()
    unpack(Sdist(sdist, digest), folder / "tree")
    return infer("tinylib", "1.0", digest, folder / "tree")


@pytest.fixture(scope="module")
def cache(tmp_path_factory):
    return shelf(tmp_path_factory.mktemp("cache"), {"tinylib.py": CODE, "tests/test_tinylib.py": TESTS})


@pytest.fixture(scope="module")
def package(cache, tmp_path_factory):
    return inferred(cache, tmp_path_factory.mktemp("unpacked"))


@pytest.fixture(scope="module")
def report(package, cache):
    return mutate_package(package, kinds(2, 7), 7, cache=cache)


def test_every_mutant_is_a_task_or_has_its_reason(report):
    assert report.tried == len(report.recipes) + sum(report.dropped.values())
    assert {recipe.mutation.symbol for recipe in report.recipes} == {"clamp", "initials"}, "one task a function"
    assert report.dropped


def test_a_task_hides_whole_functions_and_keeps_the_rest(report, cache, tmp_path):
    for recipe in report.recipes:
        workspace = tmp_path / f"work-{recipe.instance_id}"
        workspace.mkdir()
        build(recipe, tmp_path / recipe.instance_id, workspace, cache)
        left = (tmp_path / recipe.instance_id / "tests" / "test_tinylib.py").read_text()
        cut = recipe.cut["tests/test_tinylib.py"]
        assert {test.partition("::")[2].partition("[")[0] for test in recipe.fail_to_pass} == set(cut)
        for name in ("test_clamp", "test_clamp_bounds", "test_initials", "test_separator", "test_kinds"):
            assert (f"def {name}(" in left) != (name in cut)
        assert len(recipe.fail_to_pass) + len(recipe.pass_to_pass) == 7


def test_a_recipe_builds_the_same_tree_again_or_says_so(report, cache, tmp_path):
    recipe = report.recipes[0]
    (tmp_path / "work").mkdir()
    assert build(recipe, tmp_path / "tree", tmp_path / "work", cache) == recipe.base_commit
    assert tree_id(tmp_path / "tree") == recipe.tree
    other = recipe.model_copy(update={"tree": "0" * 40})
    (tmp_path / "again").mkdir()
    with pytest.raises(RecipeError, match="rebuilt as tree"):
        build(other, tmp_path / "other", tmp_path / "again", cache)


def test_the_evidence_holds_on_both_trees(report, package, cache):
    with Laboratory(package, cache=cache) as laboratory:
        for recipe in report.recipes:
            code = "\n".join(
                [*recipe.evidence.imports, *recipe.evidence.setup, f"print(repr({recipe.evidence.expression}))"]
            )
            for changes, answer in (
                (changed_files(recipe, laboratory.tree), recipe.evidence.actual),
                ({}, recipe.evidence.expected),
            ):
                text = laboratory.python(changes, "-c", code).text.strip()
                assert text == answer.result or text.splitlines()[-1].startswith(answer.error or "?")


def test_what_looks_at_a_package_waits_for_its_turn_too(package, cache, all_turns_taken):
    with Laboratory(package, cache=cache) as laboratory, ThreadPoolExecutor(1) as pool:
        asked = pool.submit(laboratory.python, {}, "-c", "print(1)")
        all_turns_taken.until_waiting(1)
        assert not asked.done()
        all_turns_taken.let_go()
        assert asked.result().text == "1\n"


def test_the_same_seed_draws_the_same_tasks_and_another_seed_others(report, package, cache):
    again = mutate_package(package, kinds(2, 7)[:1], 7, cache=cache)
    assert again.recipes[0] == report.recipes[0]
    other = mutate_package(package, kinds(2, 7)[:1], 8, cache=cache)
    assert other.recipes[0].mutation != again.recipes[0].mutation
    assert other.recipes[0].instance_id != again.recipes[0].instance_id


def test_a_package_whose_suite_fails_makes_no_tasks(package, cache):
    broken = package.model_copy(
        update={"environment": package.environment.model_copy(update={"test_paths": ("tests/none.py",)})}
    )
    with pytest.raises(ValueError, match="own suite does not pass: pytest "):
        mutate_package(broken, kinds(1, 7), 7, cache=cache)


def test_what_a_suite_lacks_is_installed_as_the_package_declares_it(tmp_path):
    cache = shelf(tmp_path, {"tinylib.py": CODE, "tests/test_tinylib.py": f"import six\n{TESTS}"})
    package = inferred(cache, tmp_path)
    with pytest.raises(ValueError, match="own suite does not pass: not installed: six"):
        mutate_package(package, kinds(1, 7), 7, cache=cache)
    asked = []
    report = mutate_package(package, kinds(1, 7), 7, cache=cache, declared=lambda tree: asked.append(tree) or ["six<2"])
    [recipe] = report.recipes
    assert "six==1" in " ".join(recipe.package.environment.packages)
    assert all("==" in requirement for requirement in recipe.package.environment.packages)
    with pytest.raises(SdistError, match="brings a right copy"):
        with_needs(package.model_copy(update={"name": "six"}), ["six<2"], cache, print)


@pytest.mark.parametrize("requirement", ["inflection", "inflection==", "==1.0"])
def test_an_exact_version_is_asked_for(requirement):
    with pytest.raises(ValueError, match="PACKAGE==VERSION"):
        synth_mutate(requirement, 1, 7)


def test_a_copy_of_the_original_function_is_found_wherever_it_lies(tmp_path):
    source = CODE.encode()
    (tmp_path / "tinylib.py").write_bytes(source)
    changes = {"tinylib.py": source.replace(b"value < low", b"value <= low")}
    assert not holds_original(tmp_path, changes, source, "clamp")
    assert len(original_texts(source, "clamp")) == 2, "the body alone is long enough to tell"
    body = CODE[CODE.index("    if value < low") : CODE.index("def initials")]
    (tmp_path / "notes.rst").write_text("Other::\n\n    def keep(value, low, high):\n" + body.replace("    ", "\t\t"))
    assert holds_original(tmp_path, changes, source, "clamp")
