"""A run on disk: its folders and files, whole at every moment, and what makes running it again resume."""

from __future__ import annotations

import logging
import re
import threading
from collections.abc import Mapping, Sequence
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import yaml

from environments.task import Task
from environments.trees.survey import RUN_MARK
from swebench_runs.config import RunConfig, parse
from swebench_runs.run_folder import resuming
from swebench_runs.run_folder.changeable import PLAYERS
from swebench_runs.run_folder.computer import computer, model_files, versions
from swebench_runs.run_folder.files import SCHEMA, read_values, write_whole
from swebench_runs.run_folder.folder_lock import FolderLock
from swebench_runs.run_folder.predictions import prediction, system_name, write_predictions
from swebench_runs.run_folder.stored_run import StoredRun, assert_plain, plain_id, read_header
from swebench_runs.run_folder.task_folder import SO_FAR, answered, now

_log = logging.getLogger(__name__)


class Run(StoredRun):
    """A run's folder. Made by ``Run.start`` to work in it (one process at a time), or ``Run.load`` to read it."""

    def __init__(self, path: Path, header: dict[str, Any], lock: FolderLock | None = None) -> None:
        """Use ``start`` or ``load``. UsageError where the configuration is none that this version knows."""
        super().__init__(path, header)
        self.config: RunConfig = parse(header["config"])
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
            assert_plain(path)
            if redo:
                _set_aside(path)
            header = cls._header(path, config, tasks, dict(source or {}))
            write_whole(path / "run.yaml", yaml.safe_dump(header, sort_keys=False, allow_unicode=True))
            if new:
                write_whole(path / ".gitignore", RUN_MARK)
            run = cls(path, header, lock)
            run._put_all(tasks)
        except BaseException:
            lock.release()
            raise
        return run

    @classmethod
    def _header(cls, path: Path, config: RunConfig, tasks: Sequence[Task], source: dict[str, str]) -> dict[str, Any]:
        old = read_header(path / "run.yaml") if (path / "run.yaml").is_file() else None
        if old and all((path / "tasks" / plain_id(task.instance_id) / "decision.json").exists() for task in tasks):
            # Nobody works any more: the run is not said to be another model's.
            config = config.model_copy(update={name: getattr(parse(old["config"]), name) for name in PLAYERS})
        header: dict[str, Any] = {
            "schema": SCHEMA,
            "run_id": path.resolve().name,
            "started": now(),
            "config": config.model_dump(mode="json"),
            "instances": [task.instance_id for task in tasks],
            "source": source,
            "versions": versions(),
            "machine": computer(),
            **model_files(config.models),
        }
        if old is None:
            return header
        changed = resuming.changes(parse(old["config"]), config)
        before, given = ((rows or {}).get("sha256") for rows in (old.get("source"), source))
        if refused := resuming.kept({**changed, **({"rows": {"was": before, "is": given}} if before != given else {})}):
            if answered(path / "tasks"):
                raise resuming.refuse(path, refused, own_folder=config.subset == "fix")
            _set_aside(path)  # nothing was answered yet, so nothing is lost by beginning anew
        return {
            **header,
            "instances": resuming.instances(old["instances"], header["instances"], path / "tasks"),
            "started": old["started"],
            "resumed": [*old.get("resumed", []), header["started"]],
            "changes": [*old.get("changes", []), *([{"at": header["started"], "keys": changed}] if changed else [])],
        }

    def put(self, task: Task) -> None:
        """Keep what agents may know of a task, where it is not there already. OSError where it cannot be written."""
        folder = self.task(task.instance_id)
        if not folder.has("task.json") or folder.read("task.json", Task) != task:
            folder.write("task.json", task)

    def _put_all(self, tasks: Sequence[Task]) -> None:
        """Keep each; one whose folder has no room is no other's trouble, and is told when it is worked on."""
        for task in tasks:
            try:
                self.put(task)
            except OSError as error:
                _log.warning("%s: its folder cannot be written: %s", task.instance_id, error)

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
            system_name(self.config, self.header.get("changes", ())),
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


def _set_aside(path: Path) -> None:
    """Move all that a run has made into ``superseded/<time>/``: paid work is never deleted."""
    made = [item for item in path.iterdir() if item.name not in (".lock", ".gitignore", "superseded")]
    if made:
        aside = path / "superseded" / re.sub(r"\W", "", now())
        aside.mkdir(parents=True)
        for item in made:
            item.rename(aside / item.name)
