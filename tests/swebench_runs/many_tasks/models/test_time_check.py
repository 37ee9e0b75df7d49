"""A time limit in which the embedded model cannot answer once is said."""

import pytest

from swebench_runs.config import load
from swebench_runs.many_tasks.models.time_check import too_short


def test_too_little_time_for_one_answer_is_said_with_what_to_do():
    (line,) = too_short(load(["limits.task.seconds=90"]))
    assert line.startswith("local has 31 s for its first answer and takes about 83 s")
    assert "raise limits.task.seconds" in line
    assert too_short(load(["limits.trajectory.seconds=20"]))


@pytest.mark.parametrize(
    "keys",
    [
        [],
        ["limits.task.seconds=400"],
        ["limits.task.seconds=90", "model=openai/gpt-4.1"],
        ["limits.task.seconds=90", "api_base=http://elsewhere/v1"],
        ["demo"],
        ["pool"],
    ],
)
def test_enough_time_is_no_matter(keys):
    assert too_short(load(keys)) == []
