"""litellm's own table of models, read without importing litellm, which takes seconds."""

from __future__ import annotations

import difflib
import json
from collections.abc import Mapping
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from typing import Any

_FILE = "model_prices_and_context_window_backup.json"
_ALIASES = {"ollama_chat": "ollama", "hosted_vllm": "", "litellm_proxy": ""}
"""Prefixes under which the table knows a model by another one, or by its bare name."""


def table_row(name: str) -> Mapping[str, Any]:
    """Return what litellm's table says of a model, by its full name or without its vendor's prefix; empty: nothing.

    A bare name's row tells what the model is, whoever serves it; what it costs there is `prices`' to ask.
    """
    table = _table()
    for spelled in _spellings(name):
        if row := table.get(spelled):
            return row
    return {}


def _spellings(name: str) -> list[str]:
    """Return the names under which the table may know a model, the nearest first."""
    vendor, slash, bare = name.partition("/")
    if not slash:
        return [name]
    alias = _ALIASES.get(vendor)
    inner = bare.partition("/")[2]
    found = [name, f"{alias}/{bare}" if alias else "", bare, inner]
    dated = bare.removesuffix("-preview")
    found += [f"{vendor}/{dated}", dated, f"{dated}-preview", f"{bare.partition(':')[0]}"]
    return [spelled for spelled in found if spelled]


def similar_name(name: str) -> str | None:
    """Return the known name of the same vendor that a name the table does not know is most like; None: like none."""
    vendor, slash, _ = name.partition("/")
    if table_row(name):
        return None
    known = [one for one in _table() if one.startswith(f"{vendor}/")] if slash else list(_table())
    bare = [one.partition("/")[2] for one in known] if slash else known
    # Some vendors' models stand in the table by their bare names.
    own = [one for one, row in _table().items() if slash and row.get("litellm_provider") == vendor and "/" not in one]
    close = difflib.get_close_matches(name.partition("/")[2] or name, [*bare, *own], n=1, cutoff=0.85)
    return f"{vendor}{slash}{close[0]}" if close and slash else next(iter(close), None)


@cache
def _table() -> dict[str, dict[str, Any]]:
    """Return the table; empty where litellm comes without one."""
    spec = find_spec("litellm")
    for folder in (spec.submodule_search_locations or ()) if spec else ():
        if (file := Path(folder) / _FILE).is_file():
            return dict(json.loads(file.read_text(encoding="utf-8")))
    return {}
