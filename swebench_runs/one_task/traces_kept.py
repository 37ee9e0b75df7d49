"""What is known by execution of a task's tests: ``trace.json``, for whoever does not make it."""

from __future__ import annotations

from agent.context.traces import TaskTraces
from swebench_runs.one_task.work import Work

FILE = "trace.json"


def known_traces(work: Work) -> TaskTraces | None:
    """Return the task's traces as far as they were made."""
    return work.folder.read(FILE, TaskTraces)
