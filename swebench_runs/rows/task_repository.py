"""A folder that swebench 5 calls a task repository: ``sweb.yaml``, and one folder a task under ``tasks/``.

It may come from anywhere: links that lead out of it are not followed, or an issue's text could be any file of the host.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from environments.bounded import VALUE_BYTES, TooLarge, json_value, read_regular
from swebench_runs.config.plain_yaml import plain_yaml
from swebench_runs.errors import UsageError
from swebench_runs.rows.layout import no_split
from swebench_runs.rows.records import Unread

CONFIG = "sweb.yaml"
TASK = "task.yaml"
TESTS = "tests.json"
TEXTS = {
    "problem_statement": "problem_statement.md",
    "patch": "gold.patch",
    "test_patch": "test.patch",
    "eval_script": "eval.sh",
}
"""Keys of a row that have a file of their own."""


def is_task_repository(folder: Path) -> bool:
    """Tell whether a folder is a task repository."""
    return (folder / CONFIG).is_file() and (folder / "tasks").is_dir()


def read_tasks(folder: Path, split: str) -> Iterator[tuple[str, dict[str, Any] | Unread]]:
    """Yield the keys and values of each task of a split, sorted by name, with their place.

    All of its data sets' tasks (one repository holds Lite and Verified both). A task whose files cannot be read is an
    ``Unread`` in the place of its name. UsageError for a split that no task is in, naming those there are.
    """
    root = folder.resolve()
    tasks = {path: _read(path, root) for path in sorted((folder / "tasks").iterdir()) if (path / TASK).is_file()}
    told = [values["split"] for values in tasks.values() if not isinstance(values, Unread) and "split" in values]
    splits = {name for name in told if isinstance(name, str)}
    if split not in splits:
        broken = next((values for values in tasks.values() if isinstance(values, Unread)), None)
        raise UsageError(f"{broken.source}: {broken.reason}") if broken else no_split(split, splits, of=str(folder))
    for path, values in tasks.items():
        if isinstance(values, Unread):
            yield path.name, values
        elif values.get("split") == split:
            yield str(path), values


def _read(path: Path, root: Path) -> dict[str, Any] | Unread:
    try:
        return {"instance_id": path.name, **_task(path, root), **_texts(path, root), **_tests(path, root)}
    except UsageError as error:
        return Unread(path.name, str(error))


def _task(folder: Path, root: Path) -> dict[str, Any]:
    try:
        values = plain_yaml(_text(folder / TASK, root) or "")
    except ValueError as error:
        raise UsageError(f"{folder / TASK} {error}") from None
    return _mapping(values, folder / TASK)


def _tests(folder: Path, root: Path) -> dict[str, Any]:
    text = _text(folder / TESTS, root)
    if text is None:
        return {}
    try:
        values = json_value(text)
    except TooLarge as error:
        raise UsageError(f"{folder / TESTS} {error}") from None
    except ValueError as error:
        raise UsageError(f"{folder / TESTS} is not valid JSON: {str(error)[:200]}") from None
    return {key: value for key, value in _mapping(values, folder / TESTS).items() if key.endswith("_TO_PASS")}


def _texts(folder: Path, root: Path) -> dict[str, str]:
    found = {key: _text(folder / name, root) for key, name in TEXTS.items()}
    return {key: text for key, text in found.items() if text is not None}


def _mapping(values: object, path: Path) -> dict[str, Any]:
    if not isinstance(values, dict):
        raise UsageError(f"{path} must hold keys and values")
    return {str(key): value for key, value in values.items()}


def _text(path: Path, root: Path) -> str | None:
    """Return a file's text, line ends and odd bytes as they are; None without one."""
    if not path.resolve().is_relative_to(root):
        raise UsageError(f"{path} leads out of {root}: it is not read")
    if not path.is_file():
        return None
    try:
        return read_regular(path, at_most=VALUE_BYTES).decode(errors="surrogateescape")
    except TooLarge as error:
        raise UsageError(f"{path} {error}") from None
    except OSError as error:
        raise UsageError(f"{path} cannot be read: {error.strerror or error}") from None
