"""What runs on a node, as the next driver finds it."""

from types import SimpleNamespace

import pytest

from environments.sandboxes.removal import remove_tree
from swebench_runs.many_tasks.cluster.mirror import Change, Mirror
from swebench_runs.many_tasks.cluster.news import Written
from swebench_runs.many_tasks.cluster.node_runner import Begun, NodeRunner


@pytest.fixture
def runner():
    made = NodeRunner(SimpleNamespace(settings="s", header={"started": "then"}), "n", 1, 1, lambda: None)
    made._begun = Begun(shared=False)
    return made


def test_one_that_was_stopped_says_so(runner):
    assert runner.begin() == Begun(shared=False, settings="s", started="then")
    runner.stop()
    assert runner.begin().stopped


def test_a_folder_that_goes_with_its_node_is_not_told_as_records_that_are_gone(runner, tmp_path):
    (tmp_path / "own/t").mkdir(parents=True)
    (tmp_path / "own/t/edit-0.jsonl").write_text("{}\n")
    runner._mirrors["t"] = Mirror(tmp_path / "own/t")
    runner._stack.callback(remove_tree, tmp_path / "own")
    runner.close()
    with runner._lock:
        runner._carry("t")
    assert runner._box.after(0, 0.0) == [Written("t", (Change("edit-0.jsonl", b"{}\n"),))]
