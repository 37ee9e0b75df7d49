"""Which task begins next, and what is tried again."""

import threading

import pytest

from agent.models.contract import ModelError
from environments.sandboxes.contract import SandboxError
from environments.task import Task
from swebench_runs.config import load
from swebench_runs.errors import UsageError
from swebench_runs.many_tasks.batch import task_queue
from swebench_runs.many_tasks.batch.batch import run_batch
from swebench_runs.many_tasks.batch.estimates import Estimates
from swebench_runs.many_tasks.batch.task_queue import FIRST_WAIT, TaskQueue
from swebench_runs.one_task.progress import Silence
from swebench_runs.run_folder.store import Run


def task(name, repo="r"):
    return Task(instance_id=name, repo=repo, base_commit="c", problem_statement="s")


def batch(work, names, **more):
    return run_batch(
        [task(name) for name in names],
        work,
        **{"at_once": 1, "progress": Silence(), "stop": threading.Event(), "on_failure": lambda *_: None, **more},
    )


def test_the_longest_begins_first_and_equal_ones_keep_their_order():
    known = {"b": 5.0, "d": 9.0}
    queue = TaskQueue([task(name) for name in "abcd"], seconds=lambda one: known.get(one.instance_id, 1.0))
    assert [queue.take().instance_id for _ in range(4)] == ["d", "b", "a", "c"]
    assert queue.take() is None


def test_what_the_machine_failed_waits_longer_each_time_and_behind_those_not_begun():
    now = [0.0]
    queue = TaskQueue([task("a"), task("b")], tries=3, seconds=lambda one: one.instance_id == "a", clock=lambda: now[0])
    first = queue.take()
    assert queue.again(first) == FIRST_WAIT
    now[0] = FIRST_WAIT
    assert queue.take().instance_id == "b"
    assert queue.take().instance_id == "a"
    assert queue.again(first) == 2 * FIRST_WAIT
    assert queue.take() is None
    assert queue
    now[0] = 3 * FIRST_WAIT
    assert queue.take().instance_id == "a"
    assert queue.again(first) is None
    assert not queue


@pytest.mark.parametrize("failure", [SandboxError("the engine is gone"), OSError(28, "No space left on device")])
def test_a_task_that_the_machine_fails_is_done_later_in_the_same_run(monkeypatch, failure):
    monkeypatch.setattr(task_queue, "FIRST_WAIT", 0.0)
    begun, recorded = [], []

    def work(one):
        begun.append(one.instance_id)
        if begun.count("a") == 1 and one.instance_id == "a":
            raise failure
        return "fine"

    result = batch(work, "abc", tries=3, on_failure=lambda one, reason, trace: recorded.append(one.instance_id))
    assert begun == ["a", "b", "c", "a"]
    assert sorted(result.decided) == ["a", "b", "c"]
    assert result.failed == {}
    assert recorded == ["a"]


def test_tries_end(monkeypatch):
    monkeypatch.setattr(task_queue, "FIRST_WAIT", 0.0)
    begun = []

    def work(one):
        begun.append(one.instance_id)
        raise SandboxError("the engine is gone")

    assert batch(work, "a", tries=3).failed == {"a": "the engine is gone"}
    assert begun == ["a", "a", "a"]


@pytest.mark.parametrize("failure", [ModelError("503 for 900 s"), UsageError("no such key"), KeyError("a bug")])
def test_what_is_not_the_machines_is_not_tried_again(failure):
    begun = []

    def work(one):
        begun.append(one.instance_id)
        raise failure

    assert list(batch(work, "a", tries=3).failed) == ["a"]
    assert begun == ["a"]


def test_a_task_is_estimated_by_its_repository_and_by_what_is_on_record(tmp_path, monkeypatch):
    tasks = [
        task("slow-1", "slow"),
        task("fast-1", "fast"),
        task("slow-2", "slow"),
        task("fast-2", "fast"),
        task("new"),
    ]
    config = load(["trajectories=3", "tests=1", "model=openai/scripted"])
    took = {"slow-1": 100.0, "fast-1": 10.0}
    monkeypatch.setattr(
        "swebench_runs.run_folder.task_folder.TaskFolder.working_seconds", lambda folder: took.get(folder.id, 0.0)
    )
    with Run.start(tmp_path / "run", config, tasks) as run:
        estimates = Estimates(run, tasks)
        assert [estimates.seconds(one) for one in tasks[2:]] == [1.0, 1.0, 1.0]
        for one in tasks[:2]:
            estimates.learn(one)
        assert [estimates.seconds(one) for one in tasks[2:]] == [100.0, 10.0, 55.0]
        path = run.task("slow-2").journal_path("edit", 0)
        path.parent.mkdir(parents=True)
        path.write_text('{"kind": "header"}\n{"kind": "ending", "final": true}\n')
        assert Estimates(run, tasks).seconds(tasks[2]) == 0.75
