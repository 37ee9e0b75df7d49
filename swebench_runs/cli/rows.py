"""Options of the verbs that work on rows of a data set, and the rows that they choose."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from swebench_runs.rows import Row

Subset = Annotated[
    str,
    typer.Option(metavar="NAME", help="lite, verified, full, multilingual, a file of rows, or a dataset."),
]
Split = Annotated[str, typer.Option(metavar="NAME", help="Which part of the subset.")]
Filter = Annotated[str, typer.Option(metavar="REGEX", help="Regular expression over instance ids.")]
Slice = Annotated[str, typer.Option(metavar="SLICE", help="start:stop of what the filter left, e.g. 0:5.")]
Shuffle = Annotated[bool, typer.Option("--shuffle/--no-shuffle", help="Before filter and slice.")]
Instances = Annotated[list[str], typer.Option("-i", "--instance", metavar="ID", help="Only this one; repeatable.")]


def chosen_rows(
    subset: str, split: str, *, filter: str, slice: str, shuffle: bool, instances: Sequence[str]
) -> list[Row]:
    """Return the rows that the options ask for, as ``runoff run`` would choose their tasks. Raises UsageError."""
    from swebench_runs.config import RunConfig
    from swebench_runs.rows import load_rows, tasks_of
    from swebench_runs.splits.task_choice import select

    found = load_rows(subset, split)
    config = RunConfig(
        subset=subset, split=split, filter=filter, slice=slice, shuffle=shuffle, instances=tuple(instances)
    )
    rows = {row.instance_id: row for row in found.rows}
    tasks, unreadable = tasks_of(found)
    return [rows[one.instance_id] for one in select(tasks, config, unreadable)]
