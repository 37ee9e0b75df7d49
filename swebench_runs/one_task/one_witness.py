"""Where an example shows the issue, a model that samples writes no test: it has minutes, and edits need them."""

from __future__ import annotations

from collections.abc import Sequence

from swebench_runs.one_task.players import Player, scaffold_of_test
from swebench_runs.one_task.work import Work


def one_witness_is_enough(work: Work, players: Sequence[Player]) -> bool:
    """Tell whether no test is to be written for a task whose issue some test shows; what was begun goes on."""
    ways = {scaffold_of_test(work.config, work.folder, by, index) for index, by in enumerate(players)}
    if ways != {"sampled-tests"} or work.folder.has_answer("test", 0):
        return False
    work.folder.event("tests_left", why="an example shows the issue")
    work.progress.step(work.task.instance_id, "tests", "none written: an example shows the issue")
    return True
