"""The append-only record of a workbench: one JSON line per test run, kept whole through any crash."""

from __future__ import annotations

import secrets
import threading
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from environments.errors import DataError
from environments.record_file import RecordFile
from environments.task import Task
from environments.workbench.forks.patched_trees import BASE_HASH
from environments.workbench.outcome import Execution

SCHEMA = 1

Key = tuple[str, str, int]
"""Test id, hash of the patch, repeat."""


def header_of(task: Task) -> dict[str, str]:
    """Return what a task's record begins with."""
    return {"task": task.instance_id, "base_commit": task.base_commit}


def put_base_runs(path: Path, task: Task, runs: Mapping[str, Sequence[Execution]]) -> None:
    """Put runs of tests on a task's base, made before its workbench was opened, on its record; what is there stays.

    ``runs``: test id -> its first run, its second, ...
    """
    record = ExecutionRecord(path, header_of(task))
    try:
        for test, repeats in runs.items():
            for repeat, run in enumerate(repeats):
                if record.get((test, BASE_HASH, repeat)) is None:
                    record.put((test, BASE_HASH, repeat), run.model_dump(mode="json"))
    finally:
        record.close()


class RecordMismatch(DataError):
    """The record on disk belongs to another task or to another version of its format."""


class ExecutionRecord:
    """What has been run, by key. Safe to use from any thread."""

    def __init__(self, path: Path, header: Mapping[str, Any]) -> None:
        """Open or create the record at ``path``; a last line cut off in mid-write is dropped.

        Raises RecordMismatch when the header on disk does not say what ``header`` says.
        """
        self.path = path
        self._lock = threading.Lock()
        self._file = RecordFile(path)
        lines = self._file.lines
        wanted = {"schema": SCHEMA, **header}
        if not lines:
            lines = [{**wanted, "secret": secrets.token_hex(16)}]
            self._file.append(lines[0])
        elif not wanted.items() <= lines[0].items():
            self._file.close()
            raise RecordMismatch(
                f"{path} holds the test runs of another task, configuration or version: "
                "use --redo-existing to run them again, or another output folder."
            )
        self.secret = str(lines[0].get("secret", ""))
        """A word that no code under test can know, the same whenever the record is opened: what is drawn, is by it."""
        self._answers = {_key(line): line["answer"] for line in lines[1:]}

    def get(self, key: Key) -> Any | None:
        """Return the recorded answer (JSON data), or None."""
        with self._lock:
            return self._answers.get(key)

    def put(self, key: Key, answer: Any) -> None:
        """Append an answer; it survives a crash of this process at once, one of the machine after ``sync``."""
        test, patch, repeat = key
        with self._lock:
            self._file.append({"test": test, "patch": patch, "repeat": repeat, "answer": answer})
            self._answers[key] = answer

    def sync(self) -> None:
        """Force what was appended to the disk."""
        with self._lock:
            self._file.sync()

    def close(self) -> None:
        """Sync and close the file; idempotent."""
        self.sync()
        self._file.close()


def _key(line: Mapping[str, Any]) -> Key:
    return line["test"], line["patch"], line["repeat"]
