"""How judges did on a user's own graded patches: the user's file, written by ``runoff verifier calibrate``."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from platformdirs import user_config_path

from environments.bounded import VALUE_BYTES, TooLarge, json_value, read_regular
from swebench_runs.errors import UsageError

FILE = "judges.json"


def judges_file() -> Path:
    """Return where the file is: in the user's folder of configuration."""
    return user_config_path("runoff") / FILE


def measured_judges(path: Path | None = None) -> dict[str, Any]:
    """Return model -> judge -> what was measured, as it is written; nothing where there is no file.

    Raises UsageError for a damaged one.
    """
    place = path or judges_file()
    if not place.is_file():
        return {}
    try:
        values = json_value(read_regular(place, at_most=VALUE_BYTES))
    except (ValueError, OSError, TooLarge) as error:
        raise UsageError(f"{place} is damaged ({error}): remove it, and measure the judges again") from None
    found = values.get("models") if isinstance(values, dict) else None
    if not isinstance(found, dict):
        raise UsageError(f"{place} holds no measurements of judges: remove it, and measure the judges again")
    return dict(found)
