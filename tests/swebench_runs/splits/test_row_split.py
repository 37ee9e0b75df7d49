"""Rows as a split: what agents are told of them, and what happens to those that nobody can run."""

import json
from pathlib import Path

import pytest

from environments.specs import find_spec
from environments.task import EnvironmentSpec
from swebench_runs import splits
from swebench_runs.errors import EnvironmentMissing, RunoffError, UsageError
from swebench_runs.one_task.suite.nearby_tests import MOST, nearby_tests
from swebench_runs.splits import RecipeSplit, RowOptions, RowSplit
from swebench_runs.splits.row_bases import RowBases

[FLASK] = json.loads((Path(__file__).parents[2] / "data/flask_5014.json").read_bytes())


@pytest.fixture
def rows_file(tmp_path):
    def write(**changes):
        path = tmp_path / "rows.jsonl"
        path.write_text(json.dumps({**FLASK, **changes}) + "\n")
        return str(path)

    return write


def test_a_file_of_rows_is_a_split_of_tasks(rows_file):
    found = splits.load(rows_file())
    assert isinstance(found, RowSplit)
    [task] = found.tasks()
    assert (task.instance_id, task.repo, task.base_commit) == (
        FLASK["instance_id"],
        "pallets/flask",
        FLASK["base_commit"],
    )
    assert (task.environment.test_command, task.environment.log_parser) == ("pytest -rA", "pytest")
    assert (found.kind(task.instance_id), found.fault(task.instance_id)) == ("issue", None)


def test_a_task_tells_nothing_that_grades_it(rows_file):
    [task] = splits.load(rows_file()).tasks()
    told = task.model_dump_json()
    assert "test_empty_name_not_allowed" not in told
    assert "may not be empty" not in told


def test_recipes_are_still_recipes():
    assert isinstance(splits.load("starter"), RecipeSplit)
    with pytest.raises(UsageError, match="leave --sandbox out"):
        splits.load("starter", options=RowOptions(sandbox="docker"))


def test_rows_that_nobody_can_run_are_tasks_that_fail_when_they_are_opened(rows_file, tmp_path):
    for changes in ({"repo": "some/body"}, {"version": "99.9"}):
        found = splits.load(rows_file(**changes), options=RowOptions(repos=tmp_path))
        [task] = found.tasks()
        assert task.environment == EnvironmentSpec()
        told = r"pallets__flask-5014 .*no environment is known"
        with pytest.raises(RunoffError, match=told), found.open_base(task, "test"):
            pass


def test_a_row_without_a_version_is_told_the_newest(rows_file):
    [task] = splits.load(rows_file(version=None)).tasks()
    assert task.environment.log_parser == "pytest"


@pytest.mark.parametrize(
    ("asked", "forks", "grading"),
    [("auto", "bubblewrap", "docker"), ("docker", "docker", "docker"), ("bubblewrap", "bubblewrap", "bubblewrap")],
)
def test_what_forks_often_runs_in_bubblewrap_and_hidden_tests_in_docker(asked, forks, grading):
    bases, spec = RowBases(RowOptions(sandbox=asked)), find_spec("pallets/flask", "2.3")
    assert (bases.kind(spec, many_forks=True), bases.kind(spec, many_forks=False)) == (forks, grading)


def test_tests_that_need_a_service_run_in_docker_and_so_they_do_without_bubblewrap(monkeypatch):
    bases = RowBases(RowOptions())
    assert bases.kind(find_spec("psf/requests", "2.4"), many_forks=True) == "docker"
    monkeypatch.setattr("environments.sandboxes.host.diagnose", lambda: ["no bubblewrap here"])
    assert RowBases(RowOptions()).kind(find_spec("pallets/flask", "2.3"), many_forks=True) == "docker"


def test_a_host_is_cleaned_of_both_kinds_and_needs_bubblewrap_only_where_that_is_asked_for(monkeypatch):
    cleaned = []
    monkeypatch.setattr("environments.sandboxes.docker.connect", lambda: None)
    monkeypatch.setattr("swebench_runs.one_task.ground.base_sandbox.remove_leftovers", lambda: cleaned.append(1) or [])
    monkeypatch.setattr("environments.sandboxes.host.diagnose", lambda: ["no bubblewrap here"])
    for asked in ("auto", "docker"):
        RowBases(RowOptions(sandbox=asked)).check_host()
    assert len(cleaned) == 2
    with pytest.raises(EnvironmentMissing, match="no bubblewrap here"):
        RowBases(RowOptions(sandbox="bubblewrap")).check_host()


@pytest.mark.parametrize(
    ("shown", "wanted"),
    [
        (["src/flask/blueprints.py"], "tests/test_blueprints.py"),
        (["django/utils/dateparse.py"], "tests/utils_tests/test_dateparse.py"),
        (["django/contrib/admin/filters.py"], "tests/admin_filters/tests.py"),
        (["sympy/core/basic.py"], "sympy/core/tests/test_basic.py"),
        (["sphinx/ext/autodoc/importer.py"], "tests/test_ext_autodoc.py"),
        (["pylint/checkers/imports.py"], "tests/checkers/unittest_imports.py"),
        (["xarray/core/variable.py", "xarray/core/dataset.py"], "xarray/tests/test_variable.py"),
    ],
)
def test_the_tests_of_the_code_in_play_are_found_by_name(shown, wanted):
    files = [
        *(
            "tests/test_blueprints.py",
            "tests/test_cli.py",
            "tests/utils_tests/test_dateparse.py",
            "tests/dates/tests.py",
        ),
        *("tests/admin_filters/tests.py", "tests/conftest.py", "sympy/core/tests/test_basic.py"),
        *("sympy/core/tests/test_args.py", "tests/test_ext_autodoc.py", "tests/test_domain_py.py"),
        *("tests/checkers/unittest_imports.py", "tests/checkers/unittest_base.py", "xarray/tests/test_variable.py"),
        *("xarray/tests/test_dataset.py", "setup.py", *shown),
    ]
    found = nearby_tests(shown, files)
    assert found[0] == wanted
    assert len(found) <= MOST


def test_the_issues_own_words_find_tests_too():
    files = ["tests/test_blueprints.py", "tests/test_cli.py", "src/flask/cli.py"]
    assert nearby_tests([], files, "Blueprints need a name") == ("tests/test_blueprints.py",)


def test_without_a_name_that_fits_no_test_is_chosen():
    assert nearby_tests(["a/b.py"], ["tests/test_c.py"]) == ()
    assert nearby_tests([], ["tests/test_c.py"]) == ()
