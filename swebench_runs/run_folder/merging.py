"""Several runs of one configuration put together, as if one had done the tasks of all: array jobs, most of all."""

from __future__ import annotations

import filecmp
import shutil
from collections.abc import Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import yaml

from environments.trees.survey import RUN_MARK
from swebench_runs.errors import UsageError
from swebench_runs.run_folder import resuming
from swebench_runs.run_folder.changeable import is_of_place, may_differ
from swebench_runs.run_folder.files import write_whole
from swebench_runs.run_folder.folder_lock import FolderLock
from swebench_runs.run_folder.store import Run
from swebench_runs.run_folder.task_folder import has_record, now


def merge(sources: Sequence[Path], output: Path) -> Run:
    """Copy the tasks of runs, and their grades, into a new run; nothing of the sources is changed.

    A task that several runs name comes from the one that has begun it. Raises UsageError, in one line, where runs
    cannot be compared, where two have begun the same task otherwise, where one is being worked on, and where ``output``
    holds anything.
    """
    runs = [Run.load(path) for path in sources]
    if not runs:
        raise UsageError("nothing to merge: name the folders of runs")
    for other in runs[1:]:
        _assert_comparable(runs[0], other)
    if output.exists() and any(output.iterdir()):
        raise UsageError(f"{output} is not empty: merge into a new folder")
    with ExitStack() as stack:
        for run in {run.path.resolve(): run for run in runs}.values():
            stack.enter_context(FolderLock(run.path))
        chosen = {name: _source(name, runs) for run in runs for name in run.instances}
        stack.enter_context(FolderLock(output))
        write_whole(output / "run.yaml", yaml.safe_dump(_header(runs, chosen, output), sort_keys=False))
        write_whole(output / ".gitignore", RUN_MARK)
        for name, run in chosen.items():
            _copy(name, run, output)
        merged = Run.load(output)
        merged.write_predictions()
    return merged


def differences(merged: Run) -> list[str]:
    """Tell of each part of a merged run which settings it was made with otherwise, where they decide what is done."""
    lines = []
    for part in merged.header["merged"]["parts"]:
        told = [f"{key} {value}" for key, value in part["differs"].items() if not is_of_place(key)]
        if told:
            lines.append(f"{part['run']} was made with {', '.join(told)}: its tasks stay as they ended")
    return lines


def _assert_comparable(first: Run, other: Run) -> None:
    differing = resuming.changes(first.config, other.config)
    changed = {key: values for key, values in differing.items() if not may_differ(key)}
    if changed:
        told = ", ".join(f"{key} ({values['was']}, there {values['is']})" for key, values in changed.items())
        raise UsageError(f"{other.path} was made with another {told} than {first.path}: they cannot be merged")
    rows = [(run.header.get("source") or {}).get("sha256") for run in (first, other)]
    if rows[0] != rows[1]:
        raise UsageError(f"{other.path} began with other rows of the data set than {first.path}: they cannot be merged")


def _source(name: str, runs: Sequence[Run]) -> Run:
    """Return the run that a task is taken from."""
    naming = [run for run in runs if name in run.instances]
    begun = [run for run in naming if run.decided(name) or has_record(run.task(name).path)]
    for other in begun[1:]:
        if not _same(begun[0].task(name).path, other.task(name).path):
            raise UsageError(f"{name} was begun in {begun[0].path} and in {other.path}: leave one of the two out")
    return (begun or naming)[0]


def _same(one: Path, other: Path) -> bool:
    """Tell whether two folders hold the same files; what begins with a dot is a lock, and is not copied either."""
    names = [
        sorted(str(path.relative_to(root)) for path in root.rglob("[!.]*") if path.is_file()) for root in (one, other)
    ]
    return names[0] == names[1] and not any(filecmp.cmpfiles(one, other, names[0], shallow=False)[1:])


def _header(runs: Sequence[Run], chosen: dict[str, Run], output: Path) -> dict[str, Any]:
    """Return the merged run's header: the first's, with where each part comes from."""
    parts = [
        {
            "run": str(run.path),
            **{key: run.header[key] for key in ("run_id", "started", "versions", "machine")},
            "differs": {key: values["is"] for key, values in resuming.changes(runs[0].config, run.config).items()},
        }
        for run in runs
    ]
    return {
        **runs[0].header,
        "run_id": output.resolve().name,
        "started": min(str(run.header["started"]) for run in runs),
        "config": runs[0].config.model_copy(update={"slice": "", "instances": ()}).model_dump(mode="json"),
        "instances": list(chosen),
        "merged": {"at": now(), "parts": parts},
    }


def _copy(name: str, run: Run, output: Path) -> None:
    shutil.copytree(run.task(name).path, output / "tasks" / name, ignore=shutil.ignore_patterns(".*"))
    grades = run.grading / f"{name}.json"
    if grades.is_file():
        (output / "grading").mkdir(exist_ok=True)
        shutil.copy2(grades, output / "grading" / grades.name)
    logs = run.grading / "logs" / name
    if logs.is_dir():
        shutil.copytree(logs, output / "grading" / "logs" / name)
