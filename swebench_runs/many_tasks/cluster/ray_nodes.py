"""All that Ray is asked for: a cluster, its nodes, and one actor on each. Ray is imported when it is used."""

from __future__ import annotations

import os
import re
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from swebench_runs.errors import EnvironmentMissing
from swebench_runs.many_tasks.cluster.job import Job
from swebench_runs.many_tasks.cluster.node_runner import NodeRunner

NAMESPACE = "runoff"
SANDBOX = "sandbox"
"""The resource by which a node says how many tasks it takes: ``ray start --resources '{"sandbox": 16}'``."""
REPO = "runoff/repo"
"""The label by which a node says whose images it holds: ``ray start --labels runoff/repo=django__django``."""
_PATIENCE = 10.0
"""Seconds in which the head of a cluster takes a connection."""
_CALLS = 8
"""Calls of one node's actor at a time: a question for news waits, and others pass it."""


@dataclass(frozen=True)
class RayNode:
    """A living node."""

    id: str
    name: str
    cpus: float
    sandboxes: int | None
    """How many tasks it says it takes; None: it says nothing."""
    repo: str


@contextmanager
def joined(address: str) -> Iterator[None]:
    """Be part of a Ray cluster while the block lasts.

    ``auto``: the one that RAY_ADDRESS names or that runs on this machine, else a new one of this machine alone; or
    ``ray://HOST:PORT``, or ``HOST:PORT``. Raises EnvironmentMissing, in one line.
    """
    _require_answer(os.environ.get("RAY_ADDRESS", "") if address == "auto" else address)
    ray = _ray()
    options: dict[str, Any] = {"namespace": NAMESPACE, "log_to_driver": False, "logging_level": "ERROR"}
    try:
        if address != "auto":
            ray.init(address, **options)
        else:
            try:
                ray.init(os.environ.get("RAY_ADDRESS", "auto"), **options)
            except ConnectionError:
                if "RAY_ADDRESS" in os.environ:
                    raise
                ray.init("local", include_dashboard=False, **options)
    except (ConnectionError, TimeoutError, RuntimeError, ValueError) as error:
        reason = " ".join(str(error).split())[:300]
        raise EnvironmentMissing(f"no Ray cluster can be joined by --cluster {address}: {reason}") from error
    try:
        yield
    finally:
        ray.shutdown()


def _require_answer(address: str) -> None:
    """Raise EnvironmentMissing where nobody listens: Ray itself waits for that for minutes.

    What is no ``[ray://]HOST:PORT`` is for Ray to look up.
    """
    found = re.fullmatch(r"(?:ray://)?\[?([\w.:-]+?)\]?:(\d+)", address)
    if found is None:
        return
    try:
        socket.create_connection((found[1], int(found[2])), timeout=_PATIENCE).close()
    except (OSError, OverflowError) as error:
        raise EnvironmentMissing(
            f"no Ray cluster answers at {address} ({getattr(error, 'strerror', None) or error}): name the address that "
            "`ray start --head` told, or --cluster auto"
        ) from None


def _ray() -> Any:
    os.environ.setdefault("RAY_USAGE_STATS_ENABLED", "0")
    # What the machine's accelerators are is nothing to us; unset, Ray warns of it with every start.
    os.environ.setdefault("RAY_ACCEL_ENV_VAR_OVERRIDE_ON_ZERO", "0")
    try:
        import ray
    except ImportError as error:
        raise EnvironmentMissing(f"--cluster needs Ray: pip install 'runoff[cluster]' ({error})") from error
    return ray


def alive() -> list[RayNode]:
    """Return the nodes that tasks may be put on: those that offer sandboxes where any does, else all with a CPU."""
    nodes = [_node(entry) for entry in _ray().nodes() if entry["Alive"]]
    offering = [node for node in nodes if node.sandboxes]
    return offering or [node for node in nodes if node.cpus >= 1]


def _node(entry: dict[str, Any]) -> RayNode:
    resources = entry["Resources"]
    return RayNode(
        id=entry["NodeID"],
        name=f"{entry['NodeManagerHostname']}-{entry['NodeID'][:6]}",
        cpus=resources.get("CPU", 0.0),
        sandboxes=int(resources[SANDBOX]) if SANDBOX in resources else None,
        repo=(entry.get("Labels") or {}).get(REPO, ""),
    )


def begun_before(key: str) -> dict[str, Any]:
    """Return the actors that a run has on the cluster, by their nodes' ids. ``key``: ``Job.key``."""
    ray = _ray()
    prefix = f"{key}-"
    names = [name for name in ray.util.list_named_actors() if name and name.startswith(prefix)]
    found = {}
    for name in names:
        try:
            found[name.removeprefix(prefix)] = ray.get_actor(name)
        except ValueError:  # it has ended since it was listed
            continue
    return found


def start(job: Job, node: RayNode, slots: int, nodes: int) -> Any:
    """Start the run's actor on a node; it outlives the driver. See ``NodeRunner``.

    It takes the sandboxes that the node offers; else all of its CPUs, so that Ray puts nothing beside its tests.
    """
    from ray.util.scheduling_strategies import NodeAffinitySchedulingStrategy

    claimed = {"resources": {SANDBOX: node.sandboxes}, "num_cpus": 0} if node.sandboxes else {"num_cpus": node.cpus}
    actor = (
        _ray()
        .remote(NodeRunner)
        .options(
            name=f"{job.key}-{node.id}",
            namespace=NAMESPACE,
            lifetime="detached",
            get_if_exists=True,
            max_restarts=0,
            max_concurrency=_CALLS,
            scheduling_strategy=NodeAffinitySchedulingStrategy(node.id, soft=False),
            **claimed,
        )
    )
    return actor.remote(job, node.name, slots, nodes, _leave)


def _leave() -> None:
    """End this process, an actor's."""
    os._exit(0)


def first_ready(calls: list[Any], patience: float) -> Any | None:
    """Return a call that is over, or None after ``patience`` seconds."""
    ready, _ = _ray().wait(calls, num_returns=1, timeout=patience) if calls else ([], [])
    return ready[0] if ready else None


class NodeLost(Exception):
    """A node, or Runoff's process on it, is gone."""


def outcome(call: Any) -> Any:
    """Return what a call came to. NodeLost, with the reason, where its actor is no longer there."""
    ray = _ray()
    try:
        return ray.get(call)
    except ray.exceptions.RayError as error:
        raise NodeLost(" ".join(str(error).split())[:300]) from error


def end(actor: Any) -> None:
    """End an actor."""
    _ray().kill(actor)
