"""The split of a stored run: the very rows that it began with, or an error; its sandboxes are put on its record."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from environments.sandboxes.contract import Sandbox
from environments.task import Task
from swebench_runs.errors import UsageError
from swebench_runs.one_task.ground.base_sandbox import OpenBase
from swebench_runs.run_folder.store import Run
from swebench_runs.splits.loading import load
from swebench_runs.splits.row_bases import RowOptions
from swebench_runs.splits.split import Split


def split_of(run: Run) -> Split:
    """Return the split of a run, of the revision that its header names.

    Raises UsageError where its rows are others by now, and EnvironmentMissing where they cannot be had.
    """
    config, source = run.config, run.header.get("source") or {}
    options = RowOptions.of(config)
    if not source:
        return load(config.subset, config.split, options)
    subset = source["pinned"] if source.get("revision") else config.subset
    found = load(subset, config.split, options)
    if found.source.get("sha256") != source["sha256"]:
        raise UsageError(f"the rows of {subset} are not those that the run began with: put them back, or begin another")
    return found


def recorded(run: Run, split: Split) -> OpenBase:
    """Return what opens a split's base sandboxes and puts on record how each was made."""

    @contextmanager
    def opened(task: Task, run_id: str) -> Iterator[Sandbox]:
        with split.open_base(task, run_id) as base:
            if told := split.made(task.instance_id):
                run.task(task.instance_id).event("sandbox", **told)
            yield base

    return opened
