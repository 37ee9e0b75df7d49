"""A run on disk as whoever only reads it sees it; what it takes to show it is imported when it is asked for."""

from __future__ import annotations

import re
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self

from environments.bounded import VALUE_BYTES, read_regular, yaml_value
from environments.trees.beneath import OutsideError, kind_of, odd_entry, one_part
from swebench_runs.errors import UsageError
from swebench_runs.run_folder.files import SCHEMA

if TYPE_CHECKING:
    from swebench_runs.config import RunConfig
    from swebench_runs.run_folder.task_folder import TaskFolder


class StoredRun:
    """A run's folder. Made by ``load``; ``store.Run`` is one that can be worked in."""

    def __init__(self, path: Path, header: dict[str, Any]) -> None:
        """Use ``load``."""
        self.path = path
        self.header = header
        self.instances: tuple[str, ...] = tuple(plain_id(str(name)) for name in header["instances"])
        self.id = _run_id(str(header["run_id"]))
        """The run's id: its folder's name when it began."""

    @classmethod
    def load(cls, path: Path) -> Self:
        """Open a run to read it. UsageError when there is none."""
        file = path / "run.yaml"
        if not file.is_file():
            raise UsageError(f"{path} is not a run's folder (it has no run.yaml): name what `runoff run -o` was given")
        assert_plain(path)
        return cls(path, read_header(file))

    @cached_property
    def config(self) -> RunConfig:
        """What was asked of the run. UsageError where its run.yaml says what this version does not know."""
        from swebench_runs.config import parse

        return parse(self.header["config"])

    @property
    def model(self) -> str:
        """The run's model as it was written, for titles."""
        return str((self.header["config"] or {}).get("model", "")) if isinstance(self.header["config"], dict) else ""

    @property
    def grading(self) -> Path:
        """Where graded results stand: beside, never inside what selection reads."""
        return self.path / "grading"

    def task(self, instance_id: str) -> TaskFolder:
        """Return a task's folder."""
        from swebench_runs.run_folder.task_folder import TaskFolder

        return TaskFolder(self.path / "tasks" / plain_id(instance_id))

    def decided(self, instance_id: str) -> bool:
        """Tell whether a task is done."""
        return self.task(instance_id).has("decision.json")


def plain_id(instance_id: str) -> str:
    """Return an instance's id, after which files are named; UsageError for one that could name others."""
    if not re.fullmatch(r"\w[\w.+-]*", instance_id, re.ASCII):
        raise UsageError(f"instance id {instance_id!r}: only letters, digits and _ . + - may stand in it")
    return instance_id


def _run_id(name: str) -> str:
    try:
        return one_part(name)
    except OutsideError as error:
        raise UsageError(f"the run's id, in run.yaml: {error}") from None


def assert_plain(path: Path) -> None:
    """Refuse a run's folder with a link, a FIFO or a device in it: it may be somebody else's, and lead anywhere."""
    if (odd := odd_entry(path)) is not None:
        raise UsageError(f"{odd} is {kind_of(odd.lstat().st_mode)}: a run's folder holds files alone; remove it first")


def read_header(file: Path) -> dict[str, Any]:
    """Return what run.yaml says. UsageError for one that is damaged or another version's."""
    try:
        header = yaml_value(read_regular(file, at_most=VALUE_BYTES).decode())
    except ValueError as error:
        raise UsageError(f"{file} cannot be read ({error}): name another run's folder") from None
    if not isinstance(header, dict) or header.get("schema") != SCHEMA:
        raise UsageError(
            f"{file} was written by another version of Runoff: read it with that one, or name another folder"
        )
    if missing := {"config", "instances", "run_id"} - header.keys():
        raise UsageError(f"{file} is damaged (it does not say its {min(missing)}): name another run's folder")
    return header
