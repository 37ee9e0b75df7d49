"""From what a user calls a subset to its rows: a path, a data set on the Hugging Face hub, or what stands in for it."""

from __future__ import annotations

import logging
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from environments.task import Task
from swebench_runs.errors import EnvironmentMissing, UsageError
from swebench_runs.rows.datasets import DATA, SUBSETS, data_folder, entries
from swebench_runs.rows.hub import HubUnreachable, fetch
from swebench_runs.rows.layout import files_of, no_split
from swebench_runs.rows.names import Dataset, dataset, is_short
from swebench_runs.rows.records import Unread
from swebench_runs.rows.row import READ, Row, read_row, task
from swebench_runs.rows.source import Source, digest
from swebench_runs.rows.task_repository import is_task_repository, read_tasks

TEST = "test"
"""The split that a lone file is, and that the data folder has."""

logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class Rows:
    """The rows of one split of a subset, in its own order, and where they came from."""

    name: str
    rows: tuple[Row, ...]
    source: Source
    unreadable: Mapping[str, str] = field(default_factory=dict)
    """Instance id, or place in its file, of each row that is none -> the line that says why."""


def load_rows(subset: str, split: str = TEST) -> Rows:
    """Return the rows of a split.

    ``subset`` is, in this order: a path (a file of JSON, JSONL or parquet; a folder that holds ``SPLIT.parquet`` or
    ``data/SPLIT-*.parquet``, as downloaded from the hub; a task repository of swebench 5); else a data set on the
    hub, by short name (lite, verified, full, ...) or id, with ``@revision`` or the newest. A short name always means
    the data set, whatever lies in the working directory: write ``./lite`` for a folder. Where the hub cannot be
    reached the data folder stands in, if it has the data set, none of another revision was asked for, and ``split``
    is ``test``; that is logged and noted in ``source``.

    The same row twice counts once; of two different rows of one id none does, since everything is kept by id. A row
    that cannot be read is in ``unreadable``, and harms nobody who does not ask for it. Raises UsageError, naming file,
    row and key or the splits there are, where there is no row at all, and EnvironmentMissing where rows cannot be had
    from here.
    """
    path = Path(subset)
    if not is_short(subset) and path.exists():
        return _at(path, split)
    asked = dataset(subset)
    try:
        found = fetch(asked.id, split, asked.revision)
    except HubUnreachable as error:
        return _in_data_folder(asked, split, str(error))
    if found.note:
        logger.warning("%s: %s", asked.id, found.note)
    source = {"kind": "Hugging Face", "name": asked.id, "revision": found.commit, "note": found.note}
    return _rows(asked.name, _read(found.files), split, source)


def tasks_of(found: Rows) -> tuple[list[Task], dict[str, str]]:
    """Return the tasks of rows, and for each row that makes none (``Rows.unreadable`` too) the line that says why."""
    tasks, unreadable = [], dict(found.unreadable)
    for row in found.rows:
        try:
            tasks.append(task(row))
        except UsageError as error:
            unreadable[row.instance_id] = str(error)
    return tasks, unreadable


def _at(path: Path, split: str) -> Rows:
    name = path.resolve().name.partition(".")[0] or str(path)
    if is_task_repository(path):
        return _rows(name, read_tasks(path, split), split, {"kind": "task repository", "name": str(path)})
    if path.is_dir():
        files = [path / file for file in files_of(split, _files(path), of=str(path))]
        return _rows(name, _read(files), split, {"kind": "folder", "name": str(path)})
    if not path.is_file():
        raise UsageError(f"--subset {path} is neither a file nor a folder")
    if split not in (TEST, name):
        raise UsageError(f"{path} is a file, and has no split {split!r}: leave --split out")
    return _rows(name, _read([path]), split, {"kind": "file", "name": str(path)})


def _in_data_folder(asked: Dataset, split: str, reason: str) -> Rows:
    if asked.revision is not None:
        raise EnvironmentMissing(f"{asked.id}@{asked.revision} cannot be had: {reason}")
    file = SUBSETS.get(asked.name)
    path = data_folder() / file if file else None
    if path is None or not path.is_file():
        hint = f"set {DATA} to a folder that has {file}, or give" if file else "give"
        raise EnvironmentMissing(f"the rows of {asked.id} cannot be had: {reason}. Else {hint} a file: --subset FILE")
    if split != TEST:
        raise EnvironmentMissing(f"{reason}; {no_split(split, [TEST], of=f'the data folder ({path})')}")
    note = f"{reason}; rows of the data folder stand in for {asked.id}"
    logger.warning("%s (%s)", note, path)
    return _rows(asked.name, _read([path]), split, {"kind": "data folder", "name": str(path), "note": note})


def _files(folder: Path) -> list[str]:
    paths = [path for place in (folder, folder / "data") if place.is_dir() for path in place.iterdir()]
    return [path.relative_to(folder).as_posix() for path in paths if path.is_file()]


def _read(files: Sequence[Path]) -> Iterator[tuple[str, dict[str, Any] | Unread]]:
    for file in files:
        for where, value in entries(file, READ):
            if where == str(file) and isinstance(value, Unread) and len(files) > 1:
                raise UsageError(f"{file}: {value.reason}")  # not a row of it: all of it
            yield where, value


def _rows(
    name: str, values: Iterable[tuple[str, Mapping[str, Any] | Unread]], split: str, source: dict[str, str]
) -> Rows:
    found: dict[str, tuple[str, Row]] = {}
    bad: dict[str, str] = {}
    for where, said in values:
        try:
            row = _row(said, where)
        except UsageError as error:
            bad[_id_of(said) or where] = str(error)
            continue
        first_where, first = found.setdefault(row.instance_id, (where, row))
        if first != row:
            bad[row.instance_id] = f"{where}: instance_id {row.instance_id} is that of another row, {first_where}"
    rows = tuple(row for name, (_, row) in found.items() if name not in bad)
    if not rows:
        raise UsageError(next(iter(bad.values()), f"{source['name']} holds no rows"))
    if blank := [row.instance_id for row in rows if not row.problem_statement.strip()]:
        logger.warning("%s: %d of %d rows have no problem statement, e.g. %s", name, len(blank), len(rows), blank[0])
    if bad:
        source = {**source, "note": "; ".join(filter(None, (source.get("note"), f"{len(bad)} rows cannot be read")))}
    return Rows(name, rows, Source.model_validate({**source, "split": split, "sha256": digest(rows)}), bad)


def _row(said: Mapping[str, Any] | Unread, where: str) -> Row:
    if isinstance(said, Unread):
        raise UsageError(f"{said.source}: {said.reason}")
    return read_row(said, where)


def _id_of(said: Mapping[str, Any] | Unread) -> str:
    """Return the instance id of a row that cannot be read, as far as it says one."""
    name = None if isinstance(said, Unread) else said.get("instance_id")
    return name if isinstance(name, str) else ""
