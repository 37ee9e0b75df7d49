"""A run on a cluster from its begin to its end: its driver as an executor, and nothing that is left behind."""

from __future__ import annotations

import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from agent.trajectory.budget import Ledger
from environments.task import Task
from swebench_runs.many_tasks.cluster import ray_nodes
from swebench_runs.many_tasks.cluster.driver import ClusterExecutor
from swebench_runs.many_tasks.cluster.job import Ground, job_of, key_of
from swebench_runs.one_task.progress import Progress
from swebench_runs.run_folder.store import Run


@contextmanager
def on_nodes(
    ground: Ground,
    shared: bool | None,
    run: Run,
    tasks: Sequence[Task],
    ledger: Ledger,
    progress: Progress,
    stop: threading.Event,
) -> Iterator[ClusterExecutor]:
    """Give the nodes of the joined cluster as an executor of a run; ``shared``: see ``job_of``."""
    executor = ClusterExecutor(run, job_of(run, ground, shared=shared), ledger, progress, stop)
    executor.begin(tasks)
    try:
        yield executor
    finally:
        executor.end()


def end_left(run: Run) -> None:
    """End what an earlier driver of the run has left on the joined cluster and no driver has met since.

    That is all there is where nodes decided the last tasks without a driver: there is nothing to drive then, and they
    would hold their processors until they find out that nobody asks.
    """
    for actor in ray_nodes.begun_before(key_of(run)).values():
        ray_nodes.end(actor)
