"""By which scaffold a test trajectory works."""

import pytest
from pydantic import ValidationError

from agent.models.profiles import ModelProfile
from agent.models.scripted import ScriptedModel
from agent.trajectory.journal import Journal
from swebench_runs.config import RunConfig
from swebench_runs.one_task.players import Player, scaffold_of_test
from swebench_runs.run_folder.task_folder import TaskFolder


@pytest.fixture
def folder(tmp_path):
    return TaskFolder(tmp_path / "t")


def by(scaffold):
    return Player("m", ScriptedModel([]), ModelProfile(scaffold=scaffold), "test")


def test_the_profile_says_unless_the_configuration_does(folder):
    assert scaffold_of_test(RunConfig(), folder, by("tools"), 0) == "tools-test"
    assert scaffold_of_test(RunConfig(), folder, by("edit-and-test"), 0) == "test-writing"
    assert scaffold_of_test(RunConfig(), folder, by("sampling"), 0) == "sampled-tests"
    assert scaffold_of_test(RunConfig(test_scaffold="tools-test"), folder, by("edit-and-test"), 0) == "tools-test"


@pytest.mark.parametrize("header, scaffold", [({}, "test-writing"), ({"scaffold": "tools-test"}, "tools-test")])
def test_a_trajectory_goes_on_by_the_scaffold_that_it_was_begun_with(folder, header, scaffold):
    path = folder.journal_path("test", 0)
    path.parent.mkdir(parents=True, exist_ok=True)
    with Journal(path, {"trajectory": "test-0", **header}) as journal:
        journal.step("model", {}, lambda: {"choices": [1]})
    other = "tools" if scaffold == "test-writing" else "edit-and-test"
    assert scaffold_of_test(RunConfig(), folder, by(other), 0) == scaffold


def test_a_scaffold_that_edits_writes_no_tests():
    with pytest.raises(ValidationError, match="that writes tests"):
        RunConfig(test_scaffold="tools")
