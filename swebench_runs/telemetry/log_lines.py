"""A run's log as JSON lines: one event a line, with the ids of the run, the task and the trajectory."""

from __future__ import annotations

import json
import logging
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

from agent.models.contract import Usage
from agent.trajectory.trajectory import Ending
from environments.observed import parts
from swebench_runs.errors import UsageError

_IDS = ("run", "task", "trajectory")
_events = logging.getLogger("swebench_runs.telemetry.events")


@contextmanager
def logged_to(path: Path, run_id: str) -> Iterator[LoggedProgress]:
    """Append a process's log to a file while the block lasts; gives the watcher that logs a run's progress.

    UsageError where the file cannot be written. Warnings go to standard error as before.
    """
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        handler = logging.FileHandler(path, encoding="ascii")
    except OSError as error:
        raise UsageError(f"--log: {path} cannot be written: {error.strerror}") from None
    handler.setFormatter(_JsonLine(run_id))
    root, before = logging.getLogger(), _events.level
    shown = [logging.lastResort] if logging.lastResort and not root.handlers else []
    for one in (handler, *shown):
        root.addHandler(one)
    _events.setLevel(logging.INFO)
    try:
        yield LoggedProgress()
    finally:
        _events.setLevel(before)
        for one in (handler, *shown):
            root.removeHandler(one)
        handler.close()


class _JsonLine(logging.Formatter):
    def __init__(self, run_id: str) -> None:
        super().__init__()
        self._run = run_id

    def format(self, record: logging.LogRecord) -> str:
        """Return a record as one line of ASCII: what it says can steer nothing."""
        ids = {"run": self._run, **parts(), **getattr(record, "ids", {})}
        line = {
            "at": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "logger": record.name,
            **{kind: ids[kind] for kind in _IDS if kind in ids},
            "event": getattr(record, "event", "log"),
            "said": record.getMessage(),
            **getattr(record, "values", {}),
        }
        if record.exc_info:
            line["traceback"] = self.formatException(record.exc_info)
        return json.dumps(line)


class LoggedProgress:
    """A ``Progress`` that logs what it is told."""

    def stage(self, task: str, name: str) -> None:
        """Log that a stage begins."""
        _tell("stage", name, task)

    def note(self, task: str, text: str) -> None:
        """Log what is known of a task."""
        _tell("note", text, task)

    def step(self, task: str, trajectory: str, text: str) -> None:
        """Log a step."""
        _tell("step", text, task, trajectory)

    def ended(self, task: str, trajectory: str, ending: Ending) -> None:
        """Log an ending."""
        _tell("ended", ending.value, task, trajectory)

    def usage(self, task: str, usage: Usage, cost: float | None, *, by: tuple[str, str] = ("", "")) -> None:
        """Log what a call took."""
        tokens = {"prompt_tokens": usage.prompt_tokens, "completion_tokens": usage.completion_tokens}
        _tell("call", "", task, values={**tokens, "cost": cost, "role": by[0], "model": by[1]})

    def done(self, task: str, text: str) -> None:
        """Log a decision."""
        _tell("decided", text, task)

    def failed(self, task: str, reason: str) -> None:
        """Log a failure."""
        _tell("failed", reason, task)


def _tell(event: str, text: str, task: str, trajectory: str = "", values: Mapping[str, object] = {}) -> None:
    ids = {"task": task, **({"trajectory": trajectory} if trajectory else {})}
    _events.info("%s", text, extra={"event": event, "ids": ids, "values": values})
