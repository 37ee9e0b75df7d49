"""Files that are whole or absent; those of JSON say which version wrote them, and another's are refused in one line."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

from environments.bounded import VALUE_BYTES, TooLarge, json_value, read_regular
from environments.trees.beneath import kind_of
from swebench_runs.errors import UsageError

SCHEMA = 1
"""The version of every JSON and YAML file of a run; the first key of each."""


def write_whole(path: Path, content: bytes | str) -> None:
    """Replace a file so that a reader, or a crash at any moment, sees the old content or the new, never a part.

    UsageError where something else than a file lies there: a link, a FIFO, a device and a folder stay as they are.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    if os.path.lexists(path) and (path.is_symlink() or not path.is_file()):
        raise UsageError(f"{path} is {kind_of(path.lstat().st_mode)}, which is not replaced by a file: remove it")
    temporary = path.with_name(f".{path.name}.tmp")
    temporary.unlink(missing_ok=True)  # a crash has left it, or somebody a link that would be written through
    with os.fdopen(os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW, 0o666), "wb") as file:
        try:
            file.write(content.encode() if isinstance(content, str) else content)
            file.flush()
            os.fsync(file.fileno())
        except OSError:
            temporary.unlink()  # on a full disk, half a file would stay in everybody's way
            raise
    temporary.replace(path)
    folder = os.open(path.parent, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)


def write_json(path: Path, values: dict[str, Any]) -> None:
    """Write a JSON object whole, the schema's version first."""
    write_whole(path, json.dumps({"schema": SCHEMA, **values}, indent=1) + "\n")


def read_values(path: Path) -> dict[str, Any] | None:
    """Return a JSON object without its version; None when there is no such file."""
    if not path.is_file():
        return None
    try:
        values = json_value(read_regular(path, at_most=VALUE_BYTES))
    except TooLarge as error:
        raise UsageError(f"{path} {error}: move it away, and the next run makes it again") from None
    except ValueError as error:
        raise UsageError(f"{path} is damaged ({error}): remove it, and the next run makes it again") from None
    if not isinstance(values, dict) or values.pop("schema", None) != SCHEMA:
        raise UsageError(f"{path} was written by another version of Runoff: move it away, or use that version")
    return values
