"""What a run may be given again with: which settings may change once its first answer is on record, and which not.

Before that everything may, since a wrong model or endpoint is found out by failing. After it, what decides how fast,
how far, where and over which tasks a run goes may still change, and what is there stays as it is; what would make the
records of one folder incomparable may not.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from swebench_runs.config import RunConfig, flat
from swebench_runs.errors import UsageError
from swebench_runs.run_folder.changeable import may_change, what_becomes, why_kept
from swebench_runs.run_folder.task_folder import has_record


def changes(old: RunConfig, new: RunConfig) -> dict[str, dict[str, Any]]:
    """Return the dotted keys whose values differ, each with what it ``was`` and what it ``is``."""
    before, after = flat(old.model_dump(mode="json")), flat(new.model_dump(mode="json"))
    return {
        key: {"was": before.get(key), "is": after.get(key)}
        for key in sorted(before.keys() | after.keys())
        if before.get(key) != after.get(key) and not (key in _ROOMS and _rooms(old, key) == _rooms(new, key))
    }


_ROOMS = {"context_tokens": "shown", "answer_tokens": "answer_tokens"}
"""Keys that may be left to the models' profiles -> what they are there."""


def _rooms(config: RunConfig, key: str) -> set[tuple[str, int]]:
    """Return what a key comes to for each model: older versions wrote a number where now the profile's word holds."""
    names = {name for models in config.players().values() for name in models}
    return {(name, getattr(config.profile_of(name), _ROOMS[key])) for name in names}


def kept(changed: Mapping[str, dict[str, Any]]) -> dict[str, dict[str, Any]]:
    """Return those of the changes that may not be made once an answer is on record."""
    return {key: values for key, values in changed.items() if not may_change(key)}


def refuse(path: Path, changed: Mapping[str, dict[str, Any]], *, own_folder: bool = False) -> UsageError:
    """Return the one line that says which settings differ, why that cannot be, and what to do.

    ``own_folder``: the command chooses the folder itself, so that no option names another.
    """
    told = ", ".join(f"{key} ({_shown(values['was'])}, now {_shown(values['is'])})" for key, values in changed.items())
    why = "; ".join(dict.fromkeys(why_kept(key) for key in changed))
    elsewhere = "" if own_folder else ", or another -o to keep both"
    return UsageError(
        f"{path} holds answers that were made with another {told}: {why}; "
        f"leave that as it was, or give --redo-existing to set the answers aside and begin anew{elsewhere}"
    )


def told(header: Mapping[str, Any]) -> list[str]:
    """Return what this sitting changed of a run that goes on, a line each, with what becomes of what is on record."""
    latest = [entry for entry in header.get("changes", []) if entry["at"] == (header.get("resumed") or [""])[-1]]
    return [
        f"changed: {key} was {_shown(values['was'])}, is {_shown(values['is'])}: {what_becomes(key)}"
        for entry in latest
        for key, values in entry["keys"].items()
        if may_change(key)
    ]


def instances(old: Sequence[str], asked: Sequence[str], tasks: Path) -> list[str]:
    """Return the tasks of a run that goes on: those begun before, then those that are asked for now."""
    begun = [name for name in old if name in asked or (tasks / name / "decision.json").is_file()]
    begun += [name for name in old if name not in begun and has_record(tasks / name)]
    order = [name for name in old if name in begun]
    return [*order, *(name for name in asked if name not in order)]


def _shown(value: Any) -> str:
    text = "none" if value is None or value == "" else str(value)
    return text if len(text) <= 60 else f"{text[:57]}..."
