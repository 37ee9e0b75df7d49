"""The driver of a cluster against nodes that answer what a test has them answer: no sandbox, no thread of a node."""

import errno
import json
from concurrent.futures import Future
from dataclasses import replace
from types import SimpleNamespace

import pytest

from agent.trajectory.budget import Amount, FixedCeilings, Ledger
from agent.trajectory.session import Interrupted
from environments.task import EnvironmentSpec, Task
from swebench_runs.errors import RunoffError
from swebench_runs.many_tasks.cluster import driver, leaving
from swebench_runs.many_tasks.cluster.driver import ClusterExecutor
from swebench_runs.many_tasks.cluster.mirror import Change
from swebench_runs.many_tasks.cluster.news import Over, Written
from swebench_runs.many_tasks.cluster.node_runner import Begun
from swebench_runs.many_tasks.cluster.ray_nodes import RayNode
from swebench_runs.run_folder.task_folder import TaskFolder

NODE = RayNode("n", "n", 1, None, "")
BEGUN = Begun(settings="as asked", started="then")
TASK = Task(instance_id="t", repo="r", base_commit="", problem_statement="", environment=EnvironmentSpec())


class Actor:
    """A node's: notes what it is asked, and is answered for by the test."""

    def __init__(self, begun):
        self.asked = []
        self.answers = {"begin": begun}
        self.later = {}
        """The last call of each kind that was not answered."""

    def __getattr__(self, name):
        return SimpleNamespace(remote=lambda *arguments: self._ask(name, arguments))

    def _ask(self, name, arguments):
        self.asked.append((name, *arguments))
        call = Future()
        if name in self.answers:
            call.set_result(self.answers.pop(name))
        else:
            self.later[name] = call
        return call


@pytest.fixture
def scene(monkeypatch, tmp_path):
    """An executor without its thread, the nodes that are listed, and the actor of the one."""
    there, actor = [NODE], Actor(BEGUN)
    monkeypatch.setattr(driver.ray_nodes, "alive", lambda: list(there))
    monkeypatch.setattr(driver.ray_nodes, "begun_before", lambda key: {"n": actor})
    monkeypatch.setattr(driver.ray_nodes, "end", lambda actor: actor.asked.append(("killed",)))
    monkeypatch.setattr(driver.ray_nodes, "first_ready", lambda calls, _: next(filter(Future.done, calls), None))
    monkeypatch.setattr(driver.ray_nodes, "outcome", Future.result)
    monkeypatch.setattr(driver, "NODES_EVERY", 0.0)
    config = SimpleNamespace(workers=1, limits=SimpleNamespace(run=FixedCeilings(turns=10)))
    folders = {name: TaskFolder(tmp_path / name) for name in ("t", "other")}
    folder = SimpleNamespace(instances=(), config=config, task=folders.__getitem__)
    said = SimpleNamespace(note=lambda *words: None)
    stop = SimpleNamespace(is_set=lambda: False)
    job = SimpleNamespace(settings="as asked", key="run", header={"started": "then"})
    executor = ClusterExecutor(folder, job, Ledger(), said, stop)
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
    assert [words[0] for words in actor.asked] == ["begin", "killed"]  # or it would go on with what others do now


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
    actor.answers["begin"] = replace(BEGUN, holding=("t",), given={"t": FixedCeilings(turns=4)})
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


OTHER = replace(BEGUN, settings="other limits", shared=False, holding=("t", "other"), first=5)


def asked_of(actor):
    return [words[0] for words in actor.asked]


def test_a_node_of_other_settings_is_heard_to_its_end_before_its_tasks_are_others(scene, tmp_path):
    executor, _, actor = scene
    actor.answers["begin"] = OTHER
    executor.begin([TASK])
    first = executor.submit(TASK)
    executor._hear(0.0)
    assert asked_of(actor) == ["begin", "stop", "news"]
    assert actor.asked[-1] == ("news", 5)
    executor._look_for_nodes()
    executor._hand_out()
    assert not executor._runners  # nothing is begun on it, and nothing is given to others
    assert not executor._placing.waiting
    actor.later["news"].set_result(
        [
            Written("t", (Change("trajectories/edit-0.jsonl", b"{}\n"),)),
            Over("t", error=Interrupted(), spent=Amount(turns=3)),
        ]
    )
    actor.answers["news"] = [Over("other", "patch 1", spent=Amount(turns=2))]
    actor.answers["close"] = None
    executor._leaving.step()
    assert (tmp_path / "t/trajectories/edit-0.jsonl").read_bytes() == b"{}\n"
    assert asked_of(actor)[-3:] == ["news", "close", "killed"]
    assert ("news", 7) in actor.asked
    assert not first.done()  # it begins again, from its records
    assert executor.submit(TASK.model_copy(update={"instance_id": "other"})).result(timeout=0) == "patch 1"
    assert executor._shares.give("t", waiting=0).turns == 10


def test_a_node_that_an_earlier_driver_has_stopped_is_given_nothing(scene):
    executor, _, actor = scene
    actor.answers["begin"] = replace(BEGUN, stopped=True, holding=())  # that driver was killed before it ended it
    actor.answers["close"] = None
    executor.begin([TASK])
    executor._hear(0.0)
    executor._leaving.step()
    assert asked_of(actor) == ["begin", "stop", "close", "killed"]


def test_a_node_that_does_not_come_to_its_end_is_ended(scene, monkeypatch):
    executor, _, actor = scene
    monkeypatch.setattr(leaving, "ENDING", -1.0)
    actor.answers["begin"] = OTHER
    executor.begin([TASK])
    executor._hear(0.0)
    executor._leaving.step()
    assert asked_of(actor)[-1] == "killed"
    assert not executor._leaving


def test_a_node_that_never_says_how_it_stands_holds_up_no_task(scene, monkeypatch):
    executor, there, hung = scene
    del hung.answers["begin"]
    executor.begin([TASK])
    executor.submit(TASK)
    executor._look_for_nodes()
    assert asked_of(hung) == ["begin"]  # it may only be slow
    monkeypatch.setattr(driver, "BEGINNING", -1.0)
    executor._look_for_nodes()
    assert asked_of(hung) == ["begin", "killed"]
    monkeypatch.setattr(driver, "BEGINNING", 600.0)
    other = Actor(BEGUN)
    monkeypatch.setattr(driver.ray_nodes, "start", lambda *about: other)
    there.append(replace(NODE, id="m"))
    executor._look_for_nodes()
    executor._hear(0.0)
    executor._hand_out()
    assert asked_of(other) == ["begin", "news", "submit"]


def test_a_node_of_a_run_that_was_begun_anew_is_ended_unheard(scene):
    executor, _, actor = scene
    actor.answers["begin"] = replace(OTHER, started="before then")
    executor.begin([TASK])
    executor._hear(0.0)
    assert asked_of(actor) == ["begin", "killed"]


def test_what_is_left_on_a_node_that_is_not_used_any_more_is_ended(scene):
    executor, there, actor = scene
    there[:] = [replace(NODE, id="m")]
    actor.answers |= {"begin": replace(OTHER, settings="as asked", holding=()), "close": None}
    executor.begin([TASK])
    executor._leaving.step()
    assert asked_of(actor) == ["begin", "stop", "close", "killed"]


def test_what_the_tasks_have_on_record_is_theirs_and_not_given_out(scene, tmp_path):
    executor, _, _ = scene
    answer = {"kind": "model", "answer": {"choices": [], "usage": {}, "cost": None, "latency": 0.0}}
    (tmp_path / "t/trajectories").mkdir(parents=True)
    (tmp_path / "t/trajectories/edit-0.jsonl").write_text(json.dumps(answer) + "\n")
    executor.begin([TASK])
    assert executor._shares.give("t", waiting=0).turns == 1 + 10
