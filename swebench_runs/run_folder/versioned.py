"""JSON files that say which version wrote them: written whole, read back, another version's refused in one line."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError

from environments.bounded import VALUE_BYTES, TooLarge, json_value, read_regular
from swebench_runs.errors import UsageError
from swebench_runs.run_folder.files import write_whole

SCHEMA = 1
"""The version of every JSON and YAML file of a run; the first key of each."""

Data = TypeVar("Data", bound=BaseModel)


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


def read_json(path: Path, kind: type[Data]) -> Data | None:
    """Return a file's typed content; None when there is no such file."""
    values = read_values(path)
    try:
        return None if values is None else kind.model_validate(values)
    except ValidationError as error:
        raise UsageError(f"{path} does not hold a {kind.__name__}: {error.errors()[0]['msg']}") from None
