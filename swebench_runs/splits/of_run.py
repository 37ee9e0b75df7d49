"""The split of a stored run: the very rows that it began with, or an error."""

from __future__ import annotations

from swebench_runs.errors import UsageError
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
