"""The ways of serving that are measured beside each other: each is the first one with one thing changed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from agent.models.local.options import ServerOptions

BASE = "base"

CHANGES: Mapping[str, Mapping[str, Any]] = {
    BASE: {},
    "1 slot": {"slots": 1},
    "2 slots": {"slots": 2},
    "8 slots": {"slots": 8},
    "one thread less": {"threads": -1},
    "ngram-simple": {"speculation": "ngram-simple"},
    "ngram-mod": {"speculation": "ngram-mod"},
    "draft": {"speculation": "draft", "draft": "local-small"},
    "unified cache": {"unified": True},
    "cache q8_0": {"cache": "q8_0", "flash": True},
    "flash attention": {"flash": True},
    "no flash attention": {"flash": False},
    "batch 256": {"batch": 256, "micro_batch": 256},
    "micro-batch 128": {"micro_batch": 128},
    "local-small": {"model": "local-small"},
}
"""Setting -> what it changes; threads are counted from those of the first."""


@dataclass(frozen=True)
class Setting:
    """One way of serving."""

    name: str
    model: str
    options: ServerOptions


def setting(name: str, model: str, base: ServerOptions) -> Setting:
    """Return the setting of that name."""
    change = dict(CHANGES[name])
    model = change.pop("model", model)
    if "threads" in change:
        change["threads"] = max(1, base.threads + change["threads"])
    return Setting(name, model, replace(base, **change))
