"""Test trajectories with tools: what they hand in, and what the harness says to it."""

import pytest
from tools_driver import RIGHT, SUBMIT, bash, called, edit

from agent.trajectory.trajectory import Ending

SHOWS = "from shop import total\n\n\ndef test_sum():\n    assert total([3, 4]) == 7\n"
PASSES = SHOWS.replace("[3, 4]", "[0, 7]")
SCRIPT = "from shop import total\nif total([3, 4]) != 7:\n    issue_present(total([3, 4]))\n"


def write(source, path="tests/test_sum.py"):
    return edit("create", path, file_text=source)


def check(path=""):
    return "check", {"path": path}


@pytest.fixture
def test_by(drive):
    return lambda answers, **more: drive([called(*calls) for calls in answers], scaffold="tools-test", **more)


def test_a_test_file_that_fails_on_the_base_is_handed_in(test_by, drive):
    trajectory = test_by([[bash("ls tests")], [write(SHOWS), check()], [SUBMIT]])
    assert (trajectory.kind, trajectory.ending, trajectory.reproduces) == ("test", Ending.SUBMITTED, True)
    assert (trajectory.test.kind, trajectory.test.path) == ("module", "tests/test_sum.py")
    assert trajectory.patch == ""
    told = drive.result(2)
    assert "On the unchanged code: fail, it shows the issue" in told
    assert "- test_sum: fail" in told
    opening = drive.model.requests[0].messages[1].content
    assert "such as tests/test_issue_0.py" in opening
    assert "Python 3.11" in opening


def test_a_test_that_shows_nothing_is_handed_back_once(test_by, drive):
    trajectory = test_by([[write(PASSES)], [SUBMIT], [SUBMIT]])
    assert "does not show the issue" in drive.result(2)
    assert (trajectory.ending, trajectory.reproduces) == (Ending.SUBMITTED, False)


def test_it_is_run_on_the_model_s_own_repair_too_and_only_the_test_is_kept(test_by, drive):
    trajectory = test_by([[write(SCRIPT, "repro.py"), RIGHT, check("repro.py")], [("submit", {"path": "repro.py"})]])
    assert "On your change of the source files: pass" in drive.result(1)
    assert (trajectory.test.kind, trajectory.reproduces, trajectory.patch) == ("script", True, "")


def test_what_is_no_test_is_told_in_words(test_by, drive):
    test_by(
        [
            [SUBMIT],
            [check("tests/nowhere.py")],
            [write("x = 1\n"), check()],
            [write(SHOWS, "tests/test_two.py"), SUBMIT],
            [check("tests/test_price.py")],
        ],
        turns=5,
    )
    said = [drive.result(number) for number in range(1, 5)]
    assert "there is no new one" in said[0]
    assert "No such file" in said[1]
    assert "no case in the test file" in said[2]
    assert "there are 2 new test files" in said[3]


def test_a_test_that_stands_in_the_tree_at_the_end_is_not_lost(test_by):
    trajectory = test_by([[write(SHOWS)], [bash("true")]], turns=2)
    assert (trajectory.ending, trajectory.reproduces) == (Ending.TURN_LIMIT, True)
