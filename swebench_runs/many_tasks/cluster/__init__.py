"""The tasks of a run on the nodes of a Ray cluster, each node at work as a laptop is.

with joined("auto"), on_nodes(ground, None, run, ...) as executor:
    executor.submit(task).result()          # the decision in one line

``node_runner`` is what runs on a node, ``driver`` hands tasks to nodes, ``placing`` says which task goes where,
``leaving`` ends what an earlier driver has left, ``mirror`` carries records where nodes share no folder, ``ray_nodes``
is all that Ray is asked for.
"""

from __future__ import annotations

from swebench_runs.many_tasks.cluster.ray_nodes import joined
from swebench_runs.many_tasks.cluster.whole_run import end_left, on_nodes

__all__ = ["end_left", "joined", "on_nodes"]
