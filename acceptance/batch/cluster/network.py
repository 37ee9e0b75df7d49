"""Ray nodes that each have a network of their own: namespaces on a bridge, as machines on a switch. As root."""

from __future__ import annotations

import itertools
import json
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass
from typing import Any

HEAD = "10.77.0.1"
"""The address of this side of the bridge: Ray's head and the endpoint answer there."""
_NETWORK = "10.77.0"
BRIDGE = "rnf0"
STARTS = 600.0
"""Seconds in which a node must have started."""


@dataclass(frozen=True)
class OwnNode:
    """A node in a network namespace of its own."""

    name: str
    process: subprocess.Popen[str]

    def kill(self) -> None:
        """End every process of the node at once, as a machine that loses its power."""
        pids = subprocess.run(["ip", "netns", "pids", self.name], capture_output=True, text=True, check=True).stdout
        for pid in map(int, pids.split()):
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        self.process.wait()


class Networked:
    """A head that works on nothing, and nodes beside it."""

    def __init__(self, address: str, held: ExitStack, slots: int) -> None:
        """``slots``: tasks that a node takes."""
        self.address = address
        self._held = held
        self._slots = slots
        self._numbers = itertools.count(2)

    def add(self) -> Callable[[], None]:
        """Add a node; returns what kills it, once it has started."""
        number = next(self._numbers)
        name, outside, inside = f"runoff-{number}", f"rnf{number}", f"rnfe{number}"
        _ip("netns", "add", name)
        self._held.callback(_ip, "netns", "del", name)
        _ip("link", "add", outside, "type", "veth", "peer", "name", inside, "netns", name)
        _ip("link", "set", outside, "master", BRIDGE, "up")
        own = f"{_NETWORK}.{number}"
        _ip("-n", name, "addr", "add", f"{own}/24", "dev", inside)
        for link in (inside, "lo"):
            _ip("-n", name, "link", "set", link, "up")
        # Not `ip netns exec`: that gives a /sys of its own, without the control groups that bound sandboxes.
        enter = ["nsenter", f"--net=/run/netns/{name}", sys.executable, "-m", "ray.scripts.scripts", "start", "--block"]
        offers = ["--num-cpus", "1", "--resources", json.dumps({"sandbox": self._slots})]
        words = ["--address", self.address, "--node-ip-address", own, "--object-store-memory", str(80 << 20)]
        process = subprocess.Popen(
            [*enter, *words, *offers],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        node = OwnNode(name, process)
        self._held.callback(node.kill)
        _await_started(process)
        return node.kill


def _await_started(process: subprocess.Popen[str]) -> None:
    """Read a node's words until it says that it runs, and on without end, lest it wait for a reader."""
    started, said = threading.Event(), list[str]()

    def read() -> None:
        for line in process.stdout or ():
            said.append(line)
            if "runtime started" in line:
                started.set()

    threading.Thread(target=read, daemon=True).start()
    if not started.wait(STARTS):
        raise RuntimeError(f"a Ray node did not start in {STARTS:.0f} s: {''.join(said)[-500:]}")


@contextmanager
def bridge() -> Iterator[None]:
    """Keep the bridge up for the block: the endpoint answers on this side of it, whatever nodes there are."""
    _ip("link", "add", BRIDGE, "type", "bridge")
    try:
        _ip("addr", "add", f"{HEAD}/24", "dev", BRIDGE)
        _ip("link", "set", BRIDGE, "up")
        yield
    finally:
        _ip("link", "del", BRIDGE)


@contextmanager
def networked(count: int, slots: int) -> Iterator[tuple[Networked, list[Callable[[], None]]]]:
    """Give a cluster of so many nodes on the bridge, beside its head, and what kills each."""
    from ray.cluster_utils import Cluster

    head: dict[str, Any] = {"num_cpus": 0, "include_dashboard": False, "node_ip_address": HEAD}
    with ExitStack() as held:
        cluster = Cluster(initialize_head=True, head_node_args=head)
        held.callback(cluster.shutdown)
        made = Networked(cluster.address, held, slots)
        yield made, [made.add() for _ in range(count)]


def _ip(*words: str) -> None:
    subprocess.run(["ip", *words], check=True)
