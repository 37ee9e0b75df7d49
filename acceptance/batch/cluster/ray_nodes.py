"""Three Ray nodes on loopback: their speed beside one node's, a node killed and another added, the driver killed.

The model's latency is simulated, so that what is measured is the cluster's part; a machine too busy to be bound by
that latency shows less than linear speed for its own reasons. ``--tasks`` and ``--trajectories`` make it smaller.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager, nullcontext
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from importlib import metadata
from pathlib import Path
from typing import Any

from acceptance.batch.cluster.network import HEAD, Networked, bridge, networked
from acceptance.batch.cluster.slow_endpoint import Endpoint, serving
from acceptance.batch.kills.kill import answers_on_record
from acceptance.record import ROOT, Record, recording
from swebench_runs.run_folder.store import Run

SLOTS = 4
"""Tasks and live trajectories of a node."""
SETTINGS = {
    **{"model": "openai/scripted", "tests": 0, "turns": 1, "runoff_turns": 0, "judge": "off", "early_stop": "false"},
    **{"workers": SLOTS, "price.policy": "zero"},
}
LIMIT = 3600.0

Moment = Callable[["subprocess.Popen[bytes]"], None]


@dataclass(frozen=True)
class Scene:
    """Where it happens."""

    folder: Path
    endpoint: Endpoint
    tasks: int
    trajectories: int
    nodes: Callable[[int], AbstractContextManager[tuple[OnLoopback | Networked, list[Callable[[], None]]]]]
    """Gives a cluster of so many nodes beside a head that works on nothing, and what kills each."""

    def drive(self, name: str, cluster: str, moment: Moment | None = None) -> int:
        """Run a driver to its end, or its kill; returns its exit code."""
        settings = {**SETTINGS, "trajectories": self.trajectories, "api_base": self.endpoint.address}
        words = [f"{key}={value}" for key, value in settings.items()]
        command = [
            sys.executable,
            "-m",
            "acceptance.batch.cluster.driven",
            str(self.folder),
            name,
            str(self.tasks),
            cluster,
        ]
        with (self.folder / f"{name}.txt").open("ab") as log:
            process = subprocess.Popen(
                [*command, *words], cwd=self.folder, stdin=subprocess.DEVNULL, stdout=log, stderr=log
            )
        try:
            if moment:
                moment(process)
            return process.wait(timeout=LIMIT)
        finally:
            process.kill()

    def run(self, name: str) -> Run:
        """Return a run."""
        return Run.load(self.folder / name)

    def patches(self, name: str) -> dict[str, str]:
        """Return the result set of a run."""
        found = json.loads((self.folder / name / "preds.json").read_text())
        return {task: entry["model_patch"] for task, entry in found.items()}

    def events(self, name: str, kind: str) -> list[tuple[str, datetime]]:
        """Return the tasks and times of an event."""
        run = self.run(name)
        times = [(task, event) for task in run.instances for event in run.task(task).events()]
        return [(task, datetime.fromisoformat(event["at"])) for task, event in times if event["event"] == kind]

    def seconds(self, name: str) -> float:
        """Return the time from the first task's beginning to the last one's decision."""
        begun, decided = self.events(name, "begun"), self.events(name, "decided")
        return (max(at for _, at in decided) - min(at for _, at in begun)).total_seconds()

    def when_decided(self, name: str, count: int, act: Callable[[], None]) -> Moment:
        """Return a moment that acts once so many tasks are decided."""

        def moment(process: subprocess.Popen[bytes]) -> None:
            deadline = time.monotonic() + LIMIT
            tasks = self.folder / name / "tasks"
            while process.poll() is None and time.monotonic() < deadline:
                if len(list(tasks.glob("*/decision.json"))) >= count:
                    return act()
                time.sleep(0.1)
            return None

        return moment


@dataclass(frozen=True)
class OnLoopback:
    """A head that works on nothing, and nodes beside it that share this machine's network."""

    cluster: Any

    @property
    def address(self) -> str:
        """Where drivers join it."""
        return str(self.cluster.address)

    def add(self) -> Callable[[], None]:
        """Add a node; returns what kills it."""
        node = self.cluster.add_node(num_cpus=1, resources={"sandbox": SLOTS})
        return partial(self.cluster.remove_node, node, allow_graceful=False)


@contextmanager
def on_loopback(count: int) -> Iterator[tuple[OnLoopback, list[Callable[[], None]]]]:
    """Give a cluster of so many nodes, and what kills each."""
    from ray.cluster_utils import Cluster

    made = OnLoopback(Cluster(initialize_head=True, head_node_args={"num_cpus": 0, "include_dashboard": False}))
    try:
        yield made, [made.add() for _ in range(count)]
    finally:
        made.cluster.shutdown()


def speed(record: Record, scene: Scene) -> None:
    """Measure one node and three."""
    with scene.nodes(1) as (cluster, _):
        scene.drive("one", cluster.address)
    with scene.nodes(3) as (cluster, _):
        scene.drive("three", cluster.address)
    one, three = scene.seconds("one"), scene.seconds("three")
    record.figures |= {"seconds_one_node": round(one, 1), "seconds_three_nodes": round(three, 1)}
    record.figures["speed_up"] = round(one / three, 2)
    record.check("three nodes reach 90% of three times one node's speed", one / three >= 2.7, f"{one / three:.2f}")


def losses(record: Record, scene: Scene) -> None:
    """Kill a node half-way and add another; then kill a driver, and give the command again."""
    alone, before = scene.patches("process"), scene.endpoint.asked()
    with scene.nodes(3) as (cluster, workers):

        def kill_and_add() -> None:
            workers[0]()
            cluster.add()

        code = scene.drive("killed", cluster.address, scene.when_decided("killed", scene.tasks // 2, kill_and_add))
    after, kept = scene.endpoint.asked(), answers_on_record(scene.folder / "killed")
    record.check("a node killed: every task is decided", code == 0, f"exit code {code}")
    record.check(
        "a node killed: the result set is one process's",
        scene.patches("killed") == alone,
        _same(alone, scene, "killed"),
    )
    calls, lost = after.calls - before.calls, after.answered - before.answered - kept
    again = calls - scene.tasks * scene.trajectories
    record.figures |= {"calls_with_a_node_killed": calls, "answers_lost_in_flight": lost, "calls_repeated": again}
    record.check(
        "no call is repeated whose answer was on record", again <= max(lost, 0) + SLOTS, f"{again} again, {lost} lost"
    )

    with scene.nodes(3) as (cluster, _):
        scene.drive("driver", cluster.address, lambda process: _kill_at(scene, process))
        held = scene.tasks - len(scene.events("driver", "decided"))
        code = scene.drive("driver", cluster.address)
    begun = [task for task, _ in scene.events("driver", "begun")]
    record.figures |= {"undecided_at_the_drivers_kill": held}
    record.check("the driver killed: the same command ends the run", code == 0, f"exit code {code}")
    record.check("the driver killed: no task is begun twice", len(begun) == len(set(begun)), f"{len(begun)} beginnings")
    record.check(
        "the driver killed: the result set is one process's",
        scene.patches("driver") == alone,
        _same(alone, scene, "driver"),
    )


def _kill_at(scene: Scene, process: subprocess.Popen[bytes]) -> None:
    scene.when_decided("driver", scene.tasks // 3, process.kill)(process)


def _same(alone: dict[str, str], scene: Scene, name: str) -> str:
    found = scene.patches(name)
    return f"{sum(found.get(task) == patch for task, patch in alone.items())} of {len(alone)} patches"


def main(arguments: Sequence[str] | None = None) -> None:
    """Measure all of it."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--tasks", type=int, default=60)
    parser.add_argument("--trajectories", type=int, default=8)
    parser.add_argument("--latency", type=float, default=4.0)
    parser.add_argument("--without-speed", action="store_true", help="Where the machine is too busy to measure it.")
    parser.add_argument("--own-networks", action="store_true", help="Each node in a network namespace, as root.")
    asked = parser.parse_args(arguments)
    os.environ |= {"OPENAI_API_KEY": "none", "RAY_USAGE_STATS_ENABLED": "0", "PYTHONPATH": str(ROOT)}
    os.environ |= {"RAY_raylet_start_wait_time_s": "300", "RAY_worker_register_timeout_seconds": "300"}
    record = Record("ray", n=asked.tasks, unit="tasks", figures={"trajectories": asked.trajectories})
    record.figures |= {"latency": asked.latency, "slots_of_a_node": SLOTS, "ray": metadata.version("ray")}
    record.figures["networks"] = "of their own" if asked.own_networks else "loopback"
    if asked.own_networks and os.geteuid() != 0:
        sys.exit("acceptance ray --own-networks: namespaces are made: run it as root")
    with (
        tempfile.TemporaryDirectory(prefix="rr") as name,
        recording(record),
        bridge() if asked.own_networks else nullcontext(),
        serving(asked.latency, HEAD if asked.own_networks else "127.0.0.1") as endpoint,
    ):
        nodes = partial(networked, slots=SLOTS) if asked.own_networks else on_loopback
        scene = Scene(Path(name), endpoint, asked.tasks, asked.trajectories, nodes)
        code = scene.drive("process", "threads")
        record.check("one process decides every task", code == 0, f"exit code {code}")
        losses(record, scene)
        if asked.without_speed:
            record.notes.append("Speed was not measured: the machine was busy with other work.")
        else:
            speed(record, scene)


if __name__ == "__main__":
    main()
