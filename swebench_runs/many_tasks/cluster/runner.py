"""What the driver knows of a node's actor."""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from typing import Any

from swebench_runs.many_tasks.cluster.node_runner import Begun
from swebench_runs.many_tasks.cluster.ray_nodes import RayNode


@dataclass
class Runner:
    """One node's actor."""

    actor: Any
    node: RayNode
    slots: int
    begun: Begun | None = None
    """None until it has said that it is ready."""
    heard: int = 0
    """The number of the next news."""
    met: float = field(default_factory=time.monotonic)
    """When it was asked to begin."""
