"""What the samples came to is read as the scaffold says it, added over trajectories, and shown."""

import io

from rich.console import Console

from agent.scaffolds.sampling.sieve import Counts
from swebench_runs.many_tasks.live_view.live import Board
from swebench_runs.many_tasks.live_view.tally import counts_of


def test_the_scaffolds_own_words_are_read():
    assert counts_of(f"{Counts(samples=9, distinct=4, surviving=1)} in parse") == (9, 4, 1)
    assert counts_of("turn 2 of 2") is None


def test_samples_of_all_trajectories_of_a_task_are_added_on_the_board():
    board = Board(1)
    board.step("a-1", "edit-0", f"{Counts(samples=5, distinct=5)} in f")
    board.step("a-1", "edit-0", f"{Counts(samples=9, distinct=4, surviving=1)} in g")
    board.step("a-1", "edit-1", f"{Counts(samples=30, distinct=11, surviving=2)} in g")
    board.note("a-1", "votes: 1 of 3 patches survive")
    console = Console(width=200, file=io.StringIO())
    console.print(board.render())
    shown = console.file.getvalue()
    assert "39 samples, 15 different, 3 survive" in shown
    assert "votes: 1 of 3 patches survive" in shown


def test_time_left_is_told_while_tasks_are_left_alone():
    board = Board(2)
    board.done("a__a-1", "decided")
    assert " left" in board.summary()
    board.failed("a__a-2", "interrupted")
    assert " left" not in board.summary()
