"""A time limit in which the embedded model cannot answer once is said."""

import pytest

from swebench_runs.config import load
from swebench_runs.many_tasks.models.time_check import too_short


def test_too_little_time_for_one_whole_answer_is_said_with_when_it_comes_to_one_and_what_to_do():
    (line,) = too_short(load(["limits.task.seconds=90"]))
    assert line.startswith("local has at most 58 s for edits and, where no test shows the issue, takes up to 83 s")
    assert "raise limits.task.seconds" in line
    assert too_short(load(["limits.trajectory.seconds=20"]))


def test_a_scaffold_of_whole_answers_comes_to_them_always_and_tests_have_their_own_share():
    tests, edits = too_short(load(["limits.task.seconds=90", "scaffold=edit-and-test", "test_scaffold=test-writing"]))
    assert tests.startswith("local has at most 27 s for tests and takes up to 83 s")
    assert edits.startswith("local has at most 58 s for edits and takes up to 83 s")


@pytest.mark.parametrize(
    "keys",
    [
        [],
        ["limits.task.seconds=150"],
        ["limits.task.seconds=90", "model=openai/gpt-4.1"],
        ["limits.task.seconds=90", "api_base=http://elsewhere/v1"],
        ["demo"],
        ["pool"],
    ],
)
def test_enough_time_is_no_matter(keys):
    assert too_short(load(keys)) == []
