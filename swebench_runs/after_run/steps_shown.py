"""A trajectory's recorded steps as a person reads them: calls of tools, commands, edits."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Mapping
from typing import Any

from agent.scaffolds.tools.toolbox.submission import HIDDEN_FILES
from environments.text import one_line

Json = Mapping[str, Any]

_EDITS = ("write", "remove")
_SMALL = ("read", "write", "remove", "diff", "told", "window")
"""Kinds of steps that a line tells whole: what came of them stands in the messages."""


def call_of(call: Json) -> tuple[str, dict[str, Any]]:
    """Return a recorded call's tool and arguments; arguments that are no JSON object stand under ``text``."""
    function = call.get("function") or {}
    try:
        arguments = json.loads(function.get("arguments") or "{}", strict=False)
    except ValueError:
        arguments = None
    if not isinstance(arguments, dict):
        arguments = {"text": str(function.get("arguments"))}
    return str(function.get("name")), arguments


def calls_told(calls: Iterable[Json]) -> str:
    """Return calls as lines: a tool's name, then its arguments, texts of many lines as they are."""
    lines = []
    for name, arguments in map(call_of, calls):
        lines.append(f"-> {name}")
        for key, value in arguments.items():
            text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
            lines.append(f"   {key}: " + text.replace("\n", "\n      "))
    return "\n".join(lines)


def step_told(line: Json) -> str | None:
    """Return what a step of a trajectory with tools did, in a line; None for a step of another kind."""
    kind, request, answer = line["kind"], line.get("request") or {}, line["answer"]
    if kind == "command":
        end = "ended at its time limit" if answer.get("timed_out") else f"exit code {answer.get('exit_code')}"
        return one_line(f"ran {str(request.get('command'))[:200]}: {end}, {float(answer.get('seconds', 0)):.1f} s")
    if kind not in _SMALL:
        return None
    if kind in ("told", "window"):
        return one_line(str(answer.get("text") or answer.get("done") or "")) or f"{kind}: nothing"
    failed = f": {answer['error']}" if answer.get("error") else ""
    return one_line(f"{kind} {request.get('path') or 'of the tree'}{failed}")


def _of_the_harness(line: Json) -> bool:
    return line.get("kind") == "command" and line["request"].get("command") == HIDDEN_FILES


def counted(lines: Iterable[Json]) -> str:
    """Return in one line what a trajectory did: model calls, and commands and edits where it has tools."""
    kinds = Counter(line.get("kind") for line in lines if not _of_the_harness(line))
    parts = [f"{kinds['model']} model calls"]
    if kinds["command"]:
        parts.append(f"{kinds['command']} commands")
    if edits := sum(kinds[kind] for kind in _EDITS):
        parts.append(f"{edits} edits")
    return ", ".join(parts)


def ended(ending: Json) -> str:
    """Return a recorded ending in a line: the word for it, and why where that is known."""
    word, why = (one_line(str(ending.get(key) or "")) for key in ("ending", "why"))
    return f"{word}: {why}" if why else word
