"""A row of SWE-bench Verified from its text to its report, in Docker: the pipeline's own file, a scripted model.

The repository is made of the sdist of Flask 2.2.5, to which the row's two patches apply as they are.
"""

import json
import re
import subprocess
import sys
from pathlib import Path

import docker_images
import pytest

from environments.synthesis.sdists import fetch, unpack
from environments.trees.worktree import one_commit
from swebench_runs.after_run.grade_book import read_page
from swebench_runs.cli import run_command
from swebench_runs.run_folder.store import Run

pytestmark = pytest.mark.skipif(not docker_images.possible(), reason=docker_images.WHY_NOT)

[FLASK] = json.loads((Path(__file__).parents[2] / "data/flask_5014.json").read_bytes())
SDIST = ("flask", "2.2.5", "edee9b0a7ff26621bd5a8c10ff484ae28737a2410d99b0bb9a6850c7fb977aa0")
NAME = "pallets__flask-5014"
EDIT = """src/flask/blueprints.py
<<<<<<< SEARCH
        if "." in name:
            raise ValueError("'name' may not contain a dot '.' character.")
=======
        if not name:
            raise ValueError("'name' may not be empty.")

        if "." in name:
            raise ValueError("'name' may not contain a dot '.' character.")
>>>>>>> REPLACE
"""
OPTIONS = ["trajectories=1", "tests=0", "turns=1", "runoff_turns=0", "judge=off", "workers=1"]


@pytest.fixture(scope="module")
def world(tmp_path_factory):
    """A folder with the repository, the row, and a model that answers with the right edit."""
    folder = tmp_path_factory.mktemp("rows")
    unpack(fetch(*SDIST), folder / "sdist")
    (folder / "repos").mkdir()
    commit = one_commit(folder / "sdist", folder / "repos/pallets__flask")
    there = set(re.findall(r"^def (test_\w+)", (folder / "sdist/tests/test_blueprints.py").read_text(), re.MULTILINE))
    passing = [test for test in json.loads(FLASK["PASS_TO_PASS"]) if re.split(r"::|\[", test)[1] in there]
    assert len(passing) > 50
    row = {**FLASK, "base_commit": commit, "PASS_TO_PASS": passing}
    (folder / "rows.jsonl").write_text(json.dumps(row) + "\n")
    (folder / "edit").write_text(EDIT)
    command = [sys.executable, str(Path(__file__).parents[2] / "scripted_server.py"), str(folder / "edit")]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as server:
        yield folder, server.stdout.readline().strip()
        server.communicate()


@pytest.fixture(scope="module")
def done(world):
    """The run, finished and graded by one command."""
    folder, address = world
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("OPENAI_API_KEY", "none")
        options = [word for option in [*OPTIONS, f"api_base={address}"] for word in ("-c", option)]
        code = run_command(
            [
                *("run", "--subset", str(folder / "rows.jsonl"), "-i", NAME, "-m", "openai/scripted"),
                *("--repos", str(folder / "repos"), "-o", str(folder / "run"), *options),
            ]
        )
    assert code == 0
    return Run.load(folder / "run")


def test_the_right_patch_resolves_the_row(done):
    [grade] = read_page(done, NAME).grades.values()
    assert (grade.outcome, grade.official, grade.incident, grade.reason) == ("resolved", True, "tests_ran", "")
    report = json.loads((done.path / "report.json").read_bytes())
    assert [task["state"] for task in report["tasks"]] == ["resolved"]
    assert report["tasks"][0]["kind"] == "issue"


def test_existing_tests_near_the_issue_were_run_on_it(done):
    events = done.task(NAME).events()
    [suite] = [event for event in events if event["event"] == "suite"]
    assert "tests/test_blueprints.py" in suite["tests"]
    ballot = json.loads((done.path / "tasks" / NAME / "ballot.json").read_bytes())
    assert "tests/test_blueprints.py::test_dotted_name_not_allowed" in json.dumps(ballot)


def test_how_the_sandbox_was_made_is_on_record(done):
    [made] = [event for event in done.task(NAME).events() if event["event"] == "sandbox"]
    assert (made["sandbox"], made["version"]) == ("bubblewrap", "2.3")
    assert made["image"].startswith("runoff/task:")


def test_what_selection_reads_holds_nothing_that_grades(done):
    texts = [path.read_text() for path in (done.path / "tasks").rglob("*.json*")]
    assert texts
    assert not any("test_empty_name_not_allowed" in text for text in texts)


def test_the_official_files_are_there_key_for_key(done):
    folder = done.path / "logs/run_evaluation/run/runoff-openai__scripted" / NAME
    assert {path.name for path in folder.iterdir()} == {"report.json", "test_output.txt", "patch.diff", "eval.sh"}
    told = json.loads((folder / "report.json").read_bytes())[NAME]
    assert (told["resolved"], told["patch_successfully_applied"]) == (True, True)
    assert told["tests_status"]["FAIL_TO_PASS"]["success"] == json.loads(FLASK["FAIL_TO_PASS"])
    total = json.loads((done.path / "runoff-openai__scripted.run.json").read_bytes())
    assert (total["resolved_ids"], total["error_ids"]) == ([NAME], [])


def test_rows_that_are_others_by_now_are_not_taken_for_the_runs(done, world, capsys):
    rows = world[0] / "rows.jsonl"
    before = rows.read_text()
    try:
        rows.write_text(before.replace("ValueError", "TypeError"))
        assert run_command(["grade", str(done.path)]) == 2
        assert "not those that the run began with" in capsys.readouterr().err
    finally:
        rows.write_text(before)


def test_the_same_command_has_nothing_left_to_do(done, world):
    before = {path: path.stat().st_mtime_ns for path in (done.path / "tasks").rglob("*.json*")}
    assert run_command(["grade", str(done.path)]) == 0
    assert {path: path.stat().st_mtime_ns for path in (done.path / "tasks").rglob("*.json*")} == before
