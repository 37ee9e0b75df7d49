"""The driver of a cluster against nodes that answer what a test has them answer: no sandbox, no thread of a node."""

import errno
from concurrent.futures import Future
from types import SimpleNamespace

import pytest

from agent.trajectory.budget import Amount, FixedCeilings, Ledger
from environments.task import EnvironmentSpec, Task
from swebench_runs.errors import RunoffError
from swebench_runs.many_tasks.cluster import driver
from swebench_runs.many_tasks.cluster.driver import ClusterExecutor
from swebench_runs.many_tasks.cluster.news import Over
from swebench_runs.many_tasks.cluster.node_runner import Begun
from swebench_runs.many_tasks.cluster.ray_nodes import RayNode

NODE = RayNode("n", "n", 1, None, "")
TASK = Task(instance_id="t", repo="r", base_commit="", problem_statement="", environment=EnvironmentSpec())


class Actor:
    """A node's: notes what it is asked, and is answered for by the test."""

    def __init__(self, begun):
        self.asked = []
        self.answers = {"begin": begun}

    def __getattr__(self, name):
        return SimpleNamespace(remote=lambda *arguments: self._ask(name, arguments))

    def _ask(self, name, arguments):
        self.asked.append((name, *arguments))
        call = Future()
        if name in self.answers:
            call.set_result(self.answers.pop(name))
        return call


@pytest.fixture
def scene(monkeypatch):
    """An executor without its thread, the nodes that are listed, and the actor of the one."""
    there, actor = [NODE], Actor(Begun(settings="as asked"))
    monkeypatch.setattr(driver.ray_nodes, "alive", lambda: list(there))
    monkeypatch.setattr(driver.ray_nodes, "begun_before", lambda job: {"n": actor})
    monkeypatch.setattr(driver.ray_nodes, "first_ready", lambda calls, _: next(filter(Future.done, calls), None))
    monkeypatch.setattr(driver.ray_nodes, "outcome", Future.result)
    monkeypatch.setattr(driver, "NODES_EVERY", 0.0)
    config = SimpleNamespace(workers=1, limits=SimpleNamespace(run=FixedCeilings(turns=10)))
    folder = SimpleNamespace(instances=(), config=config)
    said = SimpleNamespace(note=lambda *words: None)
    stop = SimpleNamespace(is_set=lambda: False)
    executor = ClusterExecutor(folder, SimpleNamespace(settings="as asked"), Ledger(), said, stop)
    monkeypatch.setattr(executor, "_thread", SimpleNamespace(submit=lambda drive: Future()))
    return executor, there, actor


def test_what_a_node_answers_that_was_counted_out_meanwhile_is_nothing_to_the_run(scene):
    executor, there, actor = scene
    executor.begin([TASK])
    executor.submit(TASK)
    there.clear()
    executor._look_for_nodes()  # it has begun, and is gone before that was heard
    executor._hear(0.0)
    executor._hand_out()
    assert not executor._placing.places
    assert [words[0] for words in actor.asked] == ["begin"]


def test_an_end_that_is_told_before_the_task_is_asked_for_is_its_decision(scene):
    executor, _, actor = scene
    executor.begin([TASK])
    actor.answers["news"] = [Over("t", "patch 1", spent=Amount(turns=3))]
    executor._hear(0.0)
    executor._hear(0.0)
    assert executor.submit(TASK).result(timeout=0) == "patch 1"
    executor._hand_out()
    assert "submit" not in [words[0] for words in actor.asked]
    assert executor._shares.give("other", waiting=0).turns == 7


def test_what_was_decided_without_a_driver_is_counted_once(scene):
    executor, _, actor = scene
    executor.begin([])  # decided by the time of the command, and charged from its records
    actor.answers["news"] = [Over("t", "patch 1", spent=Amount(turns=3))]
    executor._hear(0.0)
    executor._hear(0.0)
    assert executor._shares.give("other", waiting=0).turns == 10


def test_what_an_earlier_driver_has_given_to_a_task_is_not_given_again(scene):
    executor, _, actor = scene
    actor.answers["begin"] = Begun(settings="as asked", holding=("t",), given={"t": FixedCeilings(turns=4)})
    executor.begin([TASK])
    executor._hear(0.0)
    assert executor._shares.give("other", waiting=0).turns == 6


def test_a_task_that_is_submitted_when_the_driver_has_ended_ends_too(scene):
    executor, _, _ = scene
    ended = Future()
    ended.set_exception(OSError(errno.ENOSPC, "No space left on device"))
    first = executor.submit(TASK)
    executor._driven(ended)
    for future in (first, executor.submit(TASK)):
        with pytest.raises(RunoffError, match=r"driver cannot go on: .*No space left"):
            future.result(timeout=0)
