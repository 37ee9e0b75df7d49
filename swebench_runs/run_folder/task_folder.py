"""One task's files in a run: its trajectories, what its stages found, its log."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from pydantic import BaseModel

from agent.trajectory.journal import read_journal
from environments.record_file import append_line, read_lines
from environments.trees.beneath import one_part
from swebench_runs.run_folder.files import SCHEMA, write_json
from swebench_runs.run_folder.stage_clock import wall_seconds
from swebench_runs.run_folder.versioned import Data, read_json

SO_FAR = "so_far.json"
"""A task's best patch so far, in its folder; see ``one_task.so_far``."""


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
    def calls_path(self) -> Path:
        """The account of its calls: each try before it is sent and after; see ``agent.trajectory.call_record``."""
        return self.path / "calls.jsonl"

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
        """Return the trajectories' records that are there, by kind and number, the run-off's last."""
        runoff = self.journal_path("runoff")
        return [
            *sorted((self.path / "trajectories").glob("*.jsonl"), key=_kind_and_number),
            *([runoff] if runoff.is_file() else []),
        ]

    def recorded(self, kind: str) -> int:
        """Return how many trajectories of a kind have an answer on record, counted up to the last such."""
        found = (self.path / "trajectories").glob(f"{kind}-*.jsonl")
        return max((_kind_and_number(path)[1] + 1 for path in found if has_answer(path)), default=0)

    def has_answer(self, kind: str, index: int = 0) -> bool:
        """Tell whether a trajectory has an answer on record."""
        return has_answer(self.journal_path(kind, index))

    def over(self, kind: str, index: int = 0) -> bool:
        """Tell whether a trajectory's record ends in a final ending."""
        lines = read_lines(self.journal_path(kind, index))
        return bool(lines) and bool(lines[-1].get("final"))

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
        append_line(self.events_path, {"schema": SCHEMA, "at": now(), "event": event, **fields})

    def events(self) -> list[dict[str, Any]]:
        """Return the log."""
        return read_lines(self.events_path)

    def working_seconds(self) -> float:
        """Return the wall seconds of the finished stages; time between two sittings does not count."""
        return sum(wall_seconds(self.events()).values())


def _kind_and_number(path: Path) -> tuple[str, int, str]:
    kind, _, number = path.stem.rpartition("-")
    return kind, int(number) if number.isascii() and number.isdecimal() and len(number) < 10 else -1, path.stem


def now() -> str:
    """Return the time as records tell it (UTC)."""
    return datetime.now(UTC).isoformat(timespec="microseconds")


def answered(folder: Path) -> int:
    """Return how many tasks below ``folder`` have an answer of a model on record, or a decision."""
    return sum(has_record(task) for task in folder.iterdir()) if folder.is_dir() else 0


def has_record(task: Path) -> bool:
    """Tell whether a task's folder holds an answer of a model: what was paid for."""
    return any(has_answer(path) for path in task.rglob("*.jsonl"))


def has_answer(journal: Path) -> bool:
    """Tell whether a trajectory's record holds an answer of a model."""
    return any(line.get("kind") == "model" for line in read_journal(journal))
