"""A run on disk: its folders and files, whole at every moment, and what makes running it again resume."""

from __future__ import annotations

import json
import re
import threading
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from types import TracebackType
from typing import Any, Self, TypeVar

import yaml
from pydantic import BaseModel, ValidationError

from environments.record_file import append_line, read_lines
from environments.task import Task
from environments.trees.beneath import OutsideError, kind_of, odd_entry, one_part
from environments.trees.survey import RUN_MARK
from swebench_runs.computer import computer, versions
from swebench_runs.config import RunConfig, parse
from swebench_runs.errors import UsageError
from swebench_runs.run_folder import resuming
from swebench_runs.run_folder.files import write_whole
from swebench_runs.run_folder.folder_lock import FolderLock
from swebench_runs.run_folder.predictions import prediction, write_predictions

SCHEMA = 1
"""The version of every JSON and YAML file that this module writes; the first key of each."""

SO_FAR = "so_far.json"
"""A task's best patch so far, in its folder; see ``one_task.so_far``."""

Data = TypeVar("Data", bound=BaseModel)


class TaskFolder:
    """The files of one task. Everything an agent, a verifier or selection may read of it; never grading data."""

    def __init__(self, path: Path) -> None:
        """Make the folder if it is not there."""
        self.path = path
        self.id = path.name
        path.mkdir(parents=True, exist_ok=True)

    @property
    def executions_path(self) -> Path:
        """The workbench's record: every (test, patch, repeat) that was run."""
        return self.path / "executions.jsonl"

    @property
    def events_path(self) -> Path:
        """Stage starts and ends, retries, infrastructure errors."""
        return self.path / "events.jsonl"

    def journal_path(self, kind: str, index: int = 0) -> Path:
        """Return where a trajectory is recorded; a task has one run-off, beside the folder of the others."""
        if kind == "runoff":
            return self.path / "runoff.jsonl"
        return self.path / "trajectories" / one_part(f"{kind}-{index}.jsonl")

    def journals(self) -> list[Path]:
        """Return the trajectories' records that are there, the run-off's last."""
        runoff = self.journal_path("runoff")
        return [*sorted((self.path / "trajectories").glob("*.jsonl")), *([runoff] if runoff.is_file() else [])]

    def recorded(self, kind: str) -> int:
        """Return how many trajectories of a kind have an answer on record, counted up to the last such."""
        found = (self.path / "trajectories").glob(f"{kind}-*.jsonl")
        return max((int(path.stem.rpartition("-")[2]) + 1 for path in found if resuming.has_answer(path)), default=0)

    def has_answer(self, kind: str, index: int = 0) -> bool:
        """Tell whether a trajectory has an answer on record."""
        return resuming.has_answer(self.journal_path(kind, index))

    def header(self, kind: str, index: int = 0) -> dict[str, Any]:
        """Return what the record of a trajectory began with; empty where there is none."""
        lines = read_lines(self.journal_path(kind, index))
        return dict(lines[0].get("header") or {}) if lines else {}

    def set_aside(self, path: Path) -> None:
        """Move a record that another takes the place of to ``superseded/``: it was paid for."""
        aside = self.path / "superseded"
        aside.mkdir(exist_ok=True)
        path.rename(aside / f"{len(list(aside.iterdir()))}-{path.name}")

    def superseded(self) -> list[Path]:
        """Return the records that were set aside."""
        return sorted((self.path / "superseded").glob("*.jsonl"))

    def has(self, name: str) -> bool:
        """Tell whether a file was written; what is there is whole."""
        return (self.path / name).is_file()

    def write(self, name: str, data: BaseModel) -> None:
        """Write a file whole (``candidates.json``, ``ballot.json``, ``decision.json``, ...)."""
        write_json(self.path / name, data.model_dump(mode="json"))

    def read(self, name: str, kind: type[Data]) -> Data | None:
        """Return a file's content; None when it was not written. UsageError when another version wrote it."""
        return read_json(self.path / name, kind)

    def event(self, event: str, **fields: Any) -> None:
        """Append to the task's log: what happened, with the time (UTC)."""
        append_line(self.events_path, {"schema": SCHEMA, "at": _now(), "event": event, **fields})

    def events(self) -> list[dict[str, Any]]:
        """Return the log."""
        return read_lines(self.events_path)

    def working_seconds(self) -> float:
        """Return the wall seconds of the finished stages; time between two sittings does not count."""
        total, began = 0.0, dict[str, datetime]()
        for event in self.events():
            if event["event"] == "stage_start":
                began[event["stage"]] = datetime.fromisoformat(event["at"])
            elif event["event"] == "stage_end" and event["stage"] in began:
                total += (datetime.fromisoformat(event["at"]) - began.pop(event["stage"])).total_seconds()
        return total


class Run:
    """A run's folder. Made by ``Run.start`` to work in it (one process at a time), or ``Run.load`` to read it."""

    def __init__(self, path: Path, header: dict[str, Any], lock: FolderLock | None = None) -> None:
        """Use ``start`` or ``load``."""
        self.path = path
        self.header = header
        self.config: RunConfig = parse(header["config"])
        self.instances: tuple[str, ...] = tuple(plain_id(str(name)) for name in header["instances"])
        self.id = _run_id(str(header["run_id"]))
        """The run's id: its folder's name when it began."""
        self._lock = lock
        self._predictions = threading.Lock()

    @classmethod
    def start(
        cls,
        path: Path,
        config: RunConfig,
        tasks: Sequence[Task],
        *,
        redo: bool = False,
        source: Mapping[str, str] | None = None,
    ) -> Self:
        """Begin a run, or resume the one that is there; holds the folder's lock until ``close``.

        What may differ from the command that began it: see ``resuming``. Tasks that were begun before stay in the run.
        Raises UsageError when another process works there, or when answers there were made with settings that may not
        change; ``redo`` sets what is there aside and begins anew. ``source``: where the tasks' rows came from, with
        their hash (``Split.source``).
        """
        new = not path.exists() or not any(path.iterdir())
        lock = FolderLock(path)
        try:
            _assert_plain(path)
            if redo:
                _set_aside(path)
            header = cls._header(path, config, tasks, dict(source or {}))
            write_whole(path / "run.yaml", yaml.safe_dump(header, sort_keys=False, allow_unicode=True))
            if new:
                write_whole(path / ".gitignore", RUN_MARK)
            run = cls(path, header, lock)
            for task in tasks:
                run.task(task.instance_id).write("task.json", task)
        except BaseException:
            lock.release()
            raise
        return run

    @classmethod
    def load(cls, path: Path) -> Self:
        """Open a run to read it. UsageError when there is none."""
        file = path / "run.yaml"
        if not file.is_file():
            raise UsageError(f"{path} is not a run's folder (it has no run.yaml)")
        _assert_plain(path)
        return cls(path, _read_header(file))

    @classmethod
    def _header(cls, path: Path, config: RunConfig, tasks: Sequence[Task], source: dict[str, str]) -> dict[str, Any]:
        header: dict[str, Any] = {
            "schema": SCHEMA,
            "run_id": path.resolve().name,
            "started": _now(),
            "config": config.model_dump(mode="json"),
            "instances": [task.instance_id for task in tasks],
            "source": source,
            "versions": versions(),
            "machine": computer(),
        }
        if not (path / "run.yaml").is_file():
            return header
        old = _read_header(path / "run.yaml")
        changed = resuming.changes(parse(old["config"]), config)
        before, now = ((rows or {}).get("sha256") for rows in (old.get("source"), source))
        if refused := resuming.kept({**changed, **({"rows": {"was": before, "is": now}} if before != now else {})}):
            if resuming.answered(path / "tasks"):
                raise resuming.refuse(path, refused, own_folder=config.subset == "fix")
            _set_aside(path)  # nothing was answered yet, so nothing is lost by beginning anew
        return {
            **header,
            "instances": resuming.instances(old["instances"], header["instances"], path / "tasks"),
            "started": old["started"],
            "resumed": [*old.get("resumed", []), header["started"]],
            "changes": [*old.get("changes", []), *([{"at": header["started"], "keys": changed}] if changed else [])],
        }

    @property
    def grading(self) -> Path:
        """Where graded results stand: beside, never inside what selection reads."""
        return self.path / "grading"

    def task(self, instance_id: str) -> TaskFolder:
        """Return a task's folder."""
        return TaskFolder(self.path / "tasks" / plain_id(instance_id))

    def decided(self, instance_id: str) -> bool:
        """Tell whether a task is done."""
        return self.task(instance_id).has("decision.json")

    def write_predictions(self) -> Path:
        """Make preds.json whole from the tasks' decisions, in SWE-bench's format; returns its path.

        A task without a decision hands in its best patch so far, marked ``best_so_far``; nothing under ``abstain``.
        """
        with self._predictions:
            found = {}
            for name in self.instances:
                decision = read_values(self.path / "tasks" / name / "decision.json")
                if decision is not None:
                    found[name] = self._prediction(name, decision)
                elif not self.config.abstain and (best := read_values(self.path / "tasks" / name / SO_FAR)):
                    found[name] = {**self._prediction(name, {**best, "abstained": False}), "best_so_far": True}
            return write_predictions(self.path, found)

    def _prediction(self, name: str, decision: dict[str, Any]) -> dict[str, Any]:
        return prediction(
            name,
            f"runoff-{self.config.model}",
            decision["patch"],
            abstained=bool(decision["abstained"]),
            withhold=self.config.abstain,
        )

    def close(self) -> None:
        """Let go of the folder; idempotent."""
        if self._lock:
            self._lock.release()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


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


def _assert_plain(path: Path) -> None:
    """Refuse a run's folder with a link, a FIFO or a device in it: it may be somebody else's, and lead anywhere."""
    if (odd := odd_entry(path)) is not None:
        raise UsageError(f"{odd} is {kind_of(odd.lstat().st_mode)}: a run's folder holds files alone; remove it first")


def write_json(path: Path, values: dict[str, Any]) -> None:
    """Write a JSON object whole, the schema's version first."""
    write_whole(path, json.dumps({"schema": SCHEMA, **values}, indent=1) + "\n")


def read_values(path: Path) -> dict[str, Any] | None:
    """Return a JSON object without its version; None when there is no such file."""
    if not path.is_file():
        return None
    try:
        values = json.loads(path.read_bytes())
    except ValueError as error:
        raise UsageError(f"{path} is damaged ({error}): remove it, and the next run makes it again") from None
    if not isinstance(values, dict) or values.pop("schema", None) != SCHEMA:
        raise UsageError(f"{path} was written by another version of Runoff: move it away, or use that version")
    return values


def read_json(path: Path, kind: type[Data]) -> Data | None:
    """Return a file's typed content; None when there is no such file."""
    values = read_values(path)
    try:
        return None if values is None else kind.model_validate(values)
    except ValidationError as error:
        raise UsageError(f"{path} does not hold a {kind.__name__}: {error.errors()[0]['msg']}") from None


def _read_header(file: Path) -> dict[str, Any]:
    header = yaml.safe_load(file.read_text())
    if not isinstance(header, dict) or header.get("schema") != SCHEMA:
        raise UsageError(f"{file} was written by another version of Runoff: use another output folder")
    return header


def _set_aside(path: Path) -> None:
    """Move all that a run has made into ``superseded/<time>/``: paid work is never deleted."""
    made = [item for item in path.iterdir() if item.name not in (".lock", ".gitignore", "superseded")]
    if made:
        aside = path / "superseded" / re.sub(r"\W", "", _now())
        aside.mkdir(parents=True)
        for item in made:
            item.rename(aside / item.name)


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="microseconds")
