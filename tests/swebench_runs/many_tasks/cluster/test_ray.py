"""A run on two nodes of a real Ray cluster, beside the same run in threads and one task after the other."""

import io
import json
import os
import sys
from functools import partial

import pytest
from rich.console import Console

ray = pytest.importorskip("ray")

from ray import cloudpickle  # noqa: E402
from ray.cluster_utils import Cluster  # noqa: E402

from environments.record_file import read_lines  # noqa: E402
from environments.task import EnvironmentSpec, Task  # noqa: E402
from swebench_runs.config import load  # noqa: E402
from swebench_runs.many_tasks.cluster import joined, on_nodes  # noqa: E402
from swebench_runs.many_tasks.cluster.job import Ground  # noqa: E402
from swebench_runs.many_tasks.running import run_tasks  # noqa: E402
from swebench_runs.one_task.ground.base_sandbox import laid, lay  # noqa: E402
from swebench_runs.run_folder.store import Run  # noqa: E402

SMALL = ("trajectories=2", "tests=0", "turns=1", "runoff_turns=0", "judge=off", "early_stop=false")
NAMES = ("one", "two", "three")
PATIENT = {
    **{"RAY_USAGE_STATS_ENABLED": "0", "RAY_raylet_start_wait_time_s": "300"},
    **{"RAY_worker_register_timeout_seconds": "300", "RAY_health_check_failure_threshold": "60"},
}
"""Ray's own limits are for quiet machines."""


@pytest.fixture(scope="module")
def cluster():
    """Two nodes of this machine, a process tree each; Ray's local mode is none."""
    cloudpickle.register_pickle_by_value(sys.modules[__name__])  # nodes do not import tests
    os.environ |= PATIENT
    nodes = Cluster(initialize_head=True, head_node_args={"num_cpus": 1, "include_dashboard": False})
    nodes.add_node(num_cpus=1)
    yield nodes.address
    nodes.shutdown()


@pytest.fixture
def world(tmp_path, scripted_endpoint, monkeypatch):
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
    log = io.StringIO()

    def work(name, workers, *, where=None):
        config = load([*SMALL, "model=openai/scripted", f"api_base={scripted_endpoint}", f"workers={workers}"])
        with Run.start(tmp_path / name, config, tasks) as run:
            result = run_tasks(run, tasks, opened, Console(file=log), where=where)
        assert (sorted(result.decided), result.failed) == (sorted(NAMES), {}), log.getvalue()
        return run

    ground = Ground(check_host=lambda: None, opener=lambda run: opened)
    return work, ground, log


def records(run):
    """All that a run has found out, without times and places."""
    found = {}
    for name in run.instances:
        folder = run.task(name)
        whole = {file: json.loads((folder.path / file).read_text()) for file in ("candidates.json", "decision.json")}
        asked = {
            path.name: [line["answer"]["choices"] for line in read_lines(path) if line.get("kind") == "model"]
            for path in folder.journals()
        }
        found[name] = {**whole, "asked": asked, "files": sorted(p.name for p in folder.path.rglob("[!.]*"))}
    return found


def test_threads_one_after_the_other_and_nodes_give_the_same_records(world, cluster):
    work, ground, log = world
    alone = records(work("alone", 1))
    assert records(work("threads", 4)) == alone
    with joined(cluster):
        shared = work("shared", 1, where=partial(on_nodes, ground, None))
        sent = work("sent", 1, where=partial(on_nodes, ground, False))
    assert records(shared) == alone
    assert records(sent) == alone
    for run in (shared, sent):
        nodes = {e["node"] for name in NAMES for e in run.task(name).events() if e["event"] == "begun"}
        assert len(nodes) == 2
    assert log.getvalue().count("records are sent") == 2
    predictions = [json.loads((run.path / "preds.json").read_text()) for run in (shared, sent)]
    assert predictions[0] == predictions[1]
    assert predictions[0].keys() == set(NAMES)
