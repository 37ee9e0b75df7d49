"""A run's JSON files as typed values."""

from __future__ import annotations

from pathlib import Path
from typing import TypeVar

from pydantic import BaseModel, ValidationError

from swebench_runs.errors import UsageError
from swebench_runs.run_folder.files import read_values

Data = TypeVar("Data", bound=BaseModel)


def read_json(path: Path, kind: type[Data]) -> Data | None:
    """Return a file's typed content; None when there is no such file."""
    values = read_values(path)
    try:
        return None if values is None else kind.model_validate(values)
    except ValidationError as error:
        raise UsageError(f"{path} does not hold a {kind.__name__}: {error.errors()[0]['msg']}") from None
