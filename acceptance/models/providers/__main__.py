"""``make acceptance-providers``: every model and kind of call; then vendors that change their minds."""

from __future__ import annotations

import os
from typing import Any

from acceptance.models.providers.asking import ENVIRONMENT, Told, asked, refusing
from acceptance.models.providers.models import MODELS, names
from acceptance.models.providers.vendors import Vendors
from acceptance.record import Record, recording

CHANGES = {
    "gpt-4.1": ("temperature", "seed", "stop", "tool_choice", "logprobs", "n"),
    "gpt-5-mini": ("reasoning_effort", "seed", "max_completion_tokens"),
    "claude-sonnet-4-5": ("thinking", "tool_choice", "stop_sequences"),
    "claude-opus-4-7": ("output_config",),
    "deepseek/deepseek-chat": ("temperature", "seed", "logprobs"),
    "gemini/gemini-2.5-pro": ("seed", "temperature"),
    "hosted_vllm/Qwen/Qwen3-Coder-30B-A3B-Instruct": ("seed", "stop", "n", "max_tokens"),
    "mistral/devstral-medium-latest": ("temperature", "tool_choice"),
}
"""Model -> what its vendor refuses from one day on."""

EFFORTS: dict[str, tuple[dict[str, Any], ...]] = {
    name: tuple({"reasoning_effort": effort} for effort in ("none", "low", "high"))
    for name in ("claude-sonnet-4-5", "claude-opus-4-6", "gpt-5-mini", "gpt-5.5", "o3", "gemini/gemini-2.5-pro")
}
"""Model -> what its user asks for in place of its profile's word."""


def main() -> None:
    """Ask all, and write down what was refused and dropped."""
    os.environ.update(ENVIRONMENT)
    with recording(Record("providers", len(names()), "models")) as record, Vendors() as vendors:
        first = [told for name in names() for told in asked(name, vendors)]
        other = [told for name, rows in EFFORTS.items() for above in rows for told in asked(name, vendors, above=above)]
        changed = _changed()
        _check(record, first, other, changed)
        record.figures = {
            "vendors": len(MODELS),
            "kinds_of_calls": len({told.kind for told in first}),
            "requests": sum(told.requests for told in [*first, *other]),
            "refused": sum(len(told.refused) for told in [*first, *other]),
            "dropped": {name: _notes(first, name) for name in names()},
            "marked_requests": {name: _sum(first, name, "marked") for name in names() if _sum(first, name, "marked")},
            "thoughts_sent_back": {name: count for name in names() if (count := _sum(first, name, "thoughts_back"))},
            "changed_their_mind": [
                {
                    "model": name,
                    "refuses": key,
                    "requests": requests,
                    "refused": refused,
                    "failed": failed,
                    "told": notes,
                }
                for name, key, requests, refused, failed, notes in changed
            ],
        }
        record.notes += [
            "The servers are our own, written from the vendors' published rules: what a vendor does not publish, or "
            "has changed since, is not seen here; the second pass is for that.",
        ]


Changed = tuple[str, str, int, int, int, list[str]]


def _changed() -> list[Changed]:
    rows: list[Changed] = []
    for name, keys in CHANGES.items():
        for key in keys:
            with Vendors(refusing(key)) as vendors:
                told = asked(name, vendors)
            rows.append(
                (
                    name,
                    key,
                    sum(one.requests for one in told),
                    sum(len(one.refused) for one in told),
                    sum(bool(one.failed) for one in told),
                    sorted({note for one in told for note in one.notes}),
                )
            )
    return rows


def _check(record: Record, first: list[Told], other: list[Told], changed: list[Changed]) -> None:
    every = [*first, *other]
    refused = [f"{one.model} {one.kind}: {words}" for one in every for words in one.refused]
    failed = [f"{one.model} {one.kind}: {one.failed}" for one in every if one.failed]
    requests = sum(one.requests for one in every)
    record.check(
        "at least 18 models of 8 vendors", len(names()) >= 18 and len(MODELS) >= 8, f"{len(names())}, {len(MODELS)}"
    )
    record.check("no request is refused", not refused, refused[:5] or f"0 of {requests}")
    record.check("every call comes to something", not failed, failed[:5] or f"{len(every)} of {len(every)}")
    claude = [name for name in names() if "claude" in name]
    marked = [
        name for name in claude if _sum(first, name, "marked") == sum(o.requests for o in first if o.model == name)
    ]
    record.check("every request to Claude is marked for its cache", marked == claude, f"{len(marked)} of {len(claude)}")
    # gpt-5-mini takes no max_tokens either: one refusal for each name, then the room is left out
    most = {"max_completion_tokens": 2}
    more = [f"{name} {key}: {count}" for name, key, _, count, _, _ in changed if count > most.get(key, 1)]
    record.check("what a vendor refuses of a sudden is sent once", not more, more or f"{len(changed)} changes")
    lost = [f"{name} {key}" for name, key, *_, failures, _ in changed if failures]
    record.check("and nothing is lost by it", not lost, lost or f"{len(changed)} changes")
    silent = [f"{name} {key}" for name, key, _, count, _, notes in changed if count and not _says(notes)]
    record.check("and the record says so", not silent, silent or f"{len(changed)} changes")
    unseen = [f"{name} {key}" for name, key, _, count, _, _ in changed if not count]
    record.check("and each was met", not unseen, unseen or f"{len(changed)} changes")


def _says(notes: list[str]) -> bool:
    return any("dropped" in note or " sent as " in note for note in notes)


def _notes(told: list[Told], name: str) -> dict[str, list[str]]:
    return {one.kind: list(one.notes) for one in told if one.model == name and one.notes}


def _sum(told: list[Told], name: str, key: str) -> int:
    return sum(getattr(one, key) for one in told if one.model == name)


if __name__ == "__main__":
    main()
