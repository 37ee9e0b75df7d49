"""The tasks of a run, worked through for real against a scripted endpoint on loopback."""

import errno
import io
import json
import threading
from contextlib import nullcontext
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
from rich.console import Console

from environments.observed import listening, parts
from environments.task import EnvironmentSpec, Task
from swebench_runs.config import load
from swebench_runs.errors import RunoffError, UsageError
from swebench_runs.many_tasks.running import run_tasks, undone
from swebench_runs.one_task import stages
from swebench_runs.one_task.ground.base_sandbox import laid, lay
from swebench_runs.one_task.so_far import read_so_far
from swebench_runs.run_folder.store import Run
from swebench_runs.run_folder.task_folder import TaskFolder

SMALL = ["trajectories=1", "tests=0", "turns=1", "runoff_turns=0", "judge=off", "workers=1", "model=openai/scripted"]


@pytest.fixture
def world(tmp_path, scripted_endpoint, monkeypatch):
    monkeypatch.setenv("OPENAI_API_KEY", "none")
    (tmp_path / "source/tests").mkdir(parents=True)
    (tmp_path / "source/m.py").write_text("def f():\n    return 1\n")
    (tmp_path / "source/tests/test_m.py").write_text("from m import f\n\n\ndef test_f():\n    assert f() == 1\n")
    commit = lay(tmp_path / "source", tmp_path / "layer")
    spec = EnvironmentSpec(packages=("pytest>=8.4",))
    tasks = [
        Task(instance_id=name, repo="m", base_commit=commit, problem_statement="f is wrong.", environment=spec)
        for name in ("one", "two")
    ]

    def work(*keys, lay_tree=lambda task, layer: lay(tmp_path / "source", layer)):
        config = load([*SMALL, f"api_base={scripted_endpoint}", *keys])
        with Run.start(tmp_path / "run", config, tasks) as run:
            return run_tasks(run, tasks, laid(lay_tree), Console(file=io.StringIO()))

    return work, tmp_path / "run"


class Heard:
    """A tracer that notes each part that begins: its kind, and those that it is a part of."""

    def __init__(self):
        self.parts = []

    def part(self, kind, name, values):
        self.parts.append((kind, dict(parts())))
        return nullcontext()


def test_a_used_up_run_leaves_the_rest_for_later_and_remembers_what_it_spent(world):
    work, folder = world
    heard = Heard()
    with listening(heard):
        first = work("limits.run.turns=1")
    assert first.decided == ["one"]
    (call,) = (above for kind, above in heard.parts if kind == "call")
    assert call == {"run": "run", "task": "one", "trajectory": "edit-0", "call": "openai/scripted"}
    assert "command" in {kind for kind, _ in heard.parts}
    assert "budget is used up" in first.failed["two"]
    assert json.loads((folder / "preds.json").read_text()).keys() == {"one"}
    assert work("limits.run.turns=1").decided == ["one"]
    last = work("limits.run.turns=2")
    assert (last.decided, last.failed) == (["one", "two"], {})
    assert json.loads((folder / "preds.json").read_text()).keys() == {"one", "two"}
    assert not list((folder / "tasks").rglob("decision.json.tmp"))


def test_a_task_that_the_machine_failed_is_counted_once_and_decided_by_its_answers(world, monkeypatch):
    work, _ = world
    failed, vote = [], stages.vote

    def fails_once(*arguments, **named):
        if not failed:
            failed.append(1)
            raise OSError(errno.ENOSPC, "No space left on device")
        return vote(*arguments, **named)

    monkeypatch.setattr(stages, "vote", fails_once)
    monkeypatch.setattr("swebench_runs.many_tasks.batch.task_queue.FIRST_WAIT", 0.0)
    # A call for each: what is left for the task that comes last is nothing of its own, if it was counted twice.
    first = work("limits.run.turns=2")
    assert (sorted(first.decided), first.failed) == (["one", "two"], {})


def test_what_tasks_have_on_record_counts_before_others_spend(world, monkeypatch):
    work, _ = world

    def die(*_, **__):
        raise OSError(errno.ENOSPC, "No space left on device")

    with monkeypatch.context() as patched:
        patched.setattr("swebench_runs.one_task.stages.vote", die)
        first = work("limits.run.turns=1", "task_tries=1")
    assert ("No space left" in first.failed["one"], "budget is used up" in first.failed["two"]) == (True, True)
    # The longer one goes first now, and all that it could spend is what the other has spent already.
    last = work("limits.run.turns=1")
    assert last.decided == ["one"]
    assert "budget is used up" in last.failed["two"]


def test_a_run_that_is_stopped_hands_in_the_best_patch_so_far_of_each_task_and_says_so(world, monkeypatch):
    work, folder = world

    def die(*_):
        raise OSError(errno.ENOSPC, "No space left on device")

    with monkeypatch.context() as patched:
        patched.setattr("swebench_runs.one_task.stages.vote", die)
        first = work("trajectories=2", "workers=2")
    assert first.failed == dict.fromkeys(("one", "two"), "[Errno 28] No space left on device")
    handed_in = json.loads((folder / "preds.json").read_text())
    assert all(entry["best_so_far"] and "made_" in entry["model_patch"] for entry in handed_in.values())
    run = Run.load(folder)
    best = read_so_far(run.task("one"))
    assert (best.ended, best.verified, len(best.trajectories)) == (2, False, 1)
    task = run.task("one").read("task.json", Task)
    why = "[Errno 28] No space left on device (its best patch so far is in preds.json)"
    assert undone(run, [task], first) == [f"one was not done: {why}"]
    work("trajectories=2", "abstain=true")
    assert not any("best_so_far" in entry for entry in json.loads((folder / "preds.json").read_text()).values())


def test_a_run_whose_tasks_were_decided_when_its_command_was_gone_hands_them_in(world):
    work, folder = world
    work()
    handed_in = (folder / "preds.json").read_text()
    (folder / "preds.json").unlink()  # killed before it heard of a decision: nodes of a cluster decide without it
    assert work().decided == ["one", "two"]
    assert (folder / "preds.json").read_text() == handed_in


def test_a_disk_without_room_for_a_failures_record_stops_nobody_else(world, tmp_path, monkeypatch):
    work, _ = world
    event = TaskFolder.event

    def full(self, name, **fields):
        if self.id == "one":
            raise OSError(errno.ENOSPC, "No space left on device")
        event(self, name, **fields)

    with monkeypatch.context() as patched:
        patched.setattr(TaskFolder, "event", full)
        first = work()
    assert (first.decided, first.failed) == (["two"], {"one": "[Errno 28] No space left on device"})
    assert work().decided == ["two", "one"]


def test_a_task_that_cannot_be_built_is_recorded_and_tried_again(world, tmp_path):
    work, folder = world

    def broken(task, layer):
        if task.instance_id == "one":
            raise RunoffError("the index does not answer: try again")
        lay(tmp_path / "source", layer)

    first = work(lay_tree=broken)
    assert first.decided == ["two"]
    assert first.failed == {"one": "the index does not answer: try again"}
    [event] = [e for e in Run.load(folder).task("one").events() if e["event"] == "infrastructure_error"]
    assert event["reason"] == "the index does not answer: try again"
    assert work().decided == ["two", "one"]


def test_a_missing_key_is_told_before_any_sandbox_is_made(world, monkeypatch):
    work, _ = world
    monkeypatch.delenv("OPENAI_API_KEY")
    laid_trees = []
    with pytest.raises(UsageError, match="there is no API key: set OPENAI_API_KEY"):
        work(lay_tree=lambda task, layer: laid_trees.append(task))
    assert not laid_trees


class Refusing(BaseHTTPRequestHandler):
    def do_POST(self):
        body = json.dumps({"error": {"message": "Incorrect API key provided", "code": "invalid_api_key"}}).encode()
        self.send_response(401)
        self.send_header("content-type", "application/json")
        self.send_header("content-length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_):
        pass


@pytest.fixture
def refusing():
    with ThreadingHTTPServer(("127.0.0.1", 0), Refusing) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}/v1"
        server.shutdown()


def test_a_member_of_a_pool_with_a_bad_key_ends_the_run_by_name_and_it_goes_on_without(world, refusing):
    work, folder = world
    pool = ("model=openai/scripted, openai/locked", f'served_at={{"openai/locked": "{refusing}"}}', "trajectories=2")
    first = work(*pool)
    assert first.decided == []
    assert first.fatal.startswith("openai/locked: the endpoint refuses the API key")
    last = work("trajectories=2")
    assert (sorted(last.decided), last.failed) == (["one", "two"], {})
    predictions = json.loads((folder / "preds.json").read_text())
    assert predictions["one"]["model_name_or_path"] == "runoff-openai/scripted+openai/locked"
