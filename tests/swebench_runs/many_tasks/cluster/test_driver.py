"""The driver and real node runners, with threads of this process in Ray's place: the same records, over a
shared folder and over none."""

import io
import json
from concurrent.futures import FIRST_COMPLETED, ThreadPoolExecutor, wait
from functools import partial
from types import SimpleNamespace

import pytest
from rich.console import Console

from environments.record_file import read_lines
from environments.task import EnvironmentSpec, Task
from swebench_runs.config import load
from swebench_runs.many_tasks.cluster import driver, on_nodes
from swebench_runs.many_tasks.cluster.job import Ground
from swebench_runs.many_tasks.cluster.node_runner import NodeRunner
from swebench_runs.many_tasks.cluster.ray_nodes import RayNode
from swebench_runs.many_tasks.running import run_tasks
from swebench_runs.one_task.ground.base_sandbox import laid, lay
from swebench_runs.run_folder.store import Run

SMALL = ("trajectories=1", "tests=0", "turns=1", "runoff_turns=0", "judge=off", "early_stop=false", "workers=1")
NAMES = ("one", "two")


class Actor:
    """Calls a runner's methods as Ray does: each at once, its outcome later."""

    def __init__(self, runner):
        self.runner, self._pool = runner, ThreadPoolExecutor(8)

    def __getattr__(self, name):
        method = getattr(self.runner, name)
        return SimpleNamespace(remote=lambda *arguments: self._pool.submit(method, *arguments))


class Nodes:
    """What the driver asks of Ray, of nodes that are threads."""

    def __init__(self):
        self.actors = {}

    def alive(self):
        return [RayNode(name, name, 1, None, "") for name in ("a", "b")]

    def begun_before(self, job):
        return {}

    def start(self, job, node, slots, nodes):
        return self.actors.setdefault(node.id, Actor(NodeRunner(job, node.name, slots, nodes, lambda: None)))

    def first_ready(self, calls, patience):
        return next(iter(wait(calls, timeout=patience, return_when=FIRST_COMPLETED).done), None) if calls else None

    def outcome(self, call):
        return call.result()

    def end(self, actor):
        """Do nothing: the driver has closed it."""


@pytest.fixture
def nodes(monkeypatch):
    found = Nodes()
    for name in ("alive", "begun_before", "start", "first_ready", "outcome", "end"):
        monkeypatch.setattr(driver.ray_nodes, name, getattr(found, name))
    monkeypatch.setattr(driver, "NODES_EVERY", 0.1)
    return found


@pytest.fixture
def work(tmp_path, scripted_endpoint, monkeypatch):
    monkeypatch.setenv("OPENAI_API_KEY", "none")
    source = tmp_path / "source"
    source.mkdir()
    (source / "m.py").write_text("def f():\n    return 1\n")
    commit = lay(source, tmp_path / "layer")
    spec = EnvironmentSpec(packages=("pytest>=8.4",))
    tasks = [
        Task(instance_id=name, repo=name, base_commit=commit, problem_statement=f"f is {name}.", environment=spec)
        for name in NAMES
    ]
    opened = laid(lambda task, layer: lay(source, layer))

    def run_it(name, *, shared=None, cluster=True):
        def ground_of(run):
            return opened

        log = io.StringIO()
        where = partial(on_nodes, Ground(lambda: None, ground_of), shared) if cluster else None
        config = load([*SMALL, "model=openai/scripted", f"api_base={scripted_endpoint}"])
        with Run.start(tmp_path / name, config, tasks) as run:
            result = run_tasks(run, tasks, opened, Console(file=log, width=200), where=where)
        assert (sorted(result.decided), result.failed) == (sorted(NAMES), {}), log.getvalue()
        return run, log.getvalue()

    return run_it


def records(run):
    """All that a run has found out, without times and places."""
    found = {}
    for name in run.instances:
        folder = run.task(name)
        candidates = json.loads((folder.path / "candidates.json").read_text())
        for trajectory in candidates["trajectories"]:
            del trajectory["seconds"]
        found[name] = {
            "candidates": candidates,
            "decision": json.loads((folder.path / "decision.json").read_text()),
            "asked": [
                [line["answer"]["choices"] for line in read_lines(path) if line.get("kind") == "model"]
                for path in folder.journals()
            ],
            "files": sorted(path.name for path in folder.path.rglob("[!.]*")),
        }
    return found


def begun_at(run):
    return {name: [e["node"] for e in run.task(name).events() if e["event"] == "begun"] for name in run.instances}


def test_nodes_give_the_records_that_threads_give_over_a_shared_folder_and_over_none(work, nodes):
    alone, _ = work("threads", cluster=False)
    shared, told = work("shared")
    assert "records are sent" not in told
    nodes.actors.clear()
    sent, told = work("sent", shared=False)
    assert told.count("records are sent") == 2
    assert records(shared) == records(sent) == records(alone)
    assert {node for places in begun_at(sent).values() for node in places} == {"a", "b"}
