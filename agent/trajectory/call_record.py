"""A task's account of its calls: every try has an id, written before it is sent and again when it is over.

What was sent and never came to its end was under way when the run was killed: whoever bills it may have answered.
"""

from __future__ import annotations

import logging
import secrets
import threading
from collections.abc import Iterable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ConfigDict

from agent.models.contract import Usage
from environments.record_file import append_line, read_lines

_log = logging.getLogger(__name__)
_late: dict[Path, list[dict[str, Any]]] = {}
"""Ends that have no room on their record yet: the next call of the task, or its next sitting here, writes them."""
_lock = threading.Lock()


class CallRecord:
    """One trajectory's part of the account. Safe under many threads."""

    def __init__(self, path: Path, trajectory: str) -> None:
        """``path``: the task's account, a record of lines (``TaskFolder.calls_path``)."""
        self._path = path
        self._trajectory = trajectory

    def sent(self) -> str:
        """Note that a try is about to be sent; returns its id. OSError where there is no room: then nothing is sent."""
        call = secrets.token_hex(8)
        at = datetime.now(UTC).isoformat(timespec="milliseconds")
        self.close()
        append_line(self._path, {"call": call, "at": at, "trajectory": self._trajectory})
        return call

    def over(self, call: str, usage: Usage | None, why: str = "") -> None:
        """Note what came of a try: what its answer took, or why there was none.

        A disk that has no room for it by now keeps no answer from whoever waits for it: it is written later.
        """
        took = usage.model_dump(exclude_defaults=True) if usage else None
        with _lock:
            _late.setdefault(self._path, []).append(
                {"call": call, **({"usage": took} if took is not None else {"failed": why})}
            )
        self.close()

    def close(self) -> None:
        """Write what could not be written before, of all the task's trajectories, as far as that can be done now."""
        with _lock:
            waiting = _late.pop(self._path, [])
            while waiting:
                try:
                    append_line(self._path, waiting[0])
                except OSError as error:
                    _log.warning("%s: ends of %d calls wait to be put on record: %s", self._path, len(waiting), error)
                    _late[self._path] = waiting
                    return
                del waiting[0]


class Calls(BaseModel):
    """What the calls of a run or a task came to, try by try."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    sent: int = 0
    answered: int = 0
    failed: int = 0
    """Refused, cut off, timed out: by what was seen here, without an answer."""
    prompt_tokens: int = 0
    completion_tokens: int = 0
    """Of the answers, as the endpoint told them."""

    def __add__(self, other: Calls) -> Calls:
        """Sum field by field."""
        return Calls(**{name: getattr(self, name) + getattr(other, name) for name in Calls.model_fields})

    @property
    def open(self) -> int:
        """Sent, and neither answered nor failed: under way now, or when the run was killed."""
        return self.sent - self.answered - self.failed


def calls_of(paths: Iterable[Path]) -> Calls:
    """Add up accounts; one that is not there counts nothing. DataError for a file that is no record."""
    sent: set[str] = set()
    over: dict[str, dict[str, Any] | None] = {}
    for line in (line for path in paths for line in read_lines(path)):
        if "trajectory" in line:
            sent.add(line["call"])
        else:
            over[line["call"]] = line.get("usage")
    answers = [Usage.model_validate(usage) for usage in over.values() if usage is not None]
    return Calls(
        sent=len(sent),
        answered=len(answers),
        failed=len(over) - len(answers),
        prompt_tokens=sum(one.prompt_tokens for one in answers),
        completion_tokens=sum(one.completion_tokens for one in answers),
    )
