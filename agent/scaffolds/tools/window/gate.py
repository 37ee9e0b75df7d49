"""The gate before a model's window is full: the largest results are cut first, then what was done is told in short.

A history that fits is never touched, for every endpoint reads a known beginning for less. One that is, is cut down
to half of the window at a stroke, so that it happens seldom.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from agent.models.contract import Message
from agent.prompts import render
from agent.scaffolds.tools.window.history import CHARACTERS_PER_TOKEN, History

FULL = 0.9
"""Part of the window from which on, prompt and answer together, it counts as full."""
_AFTER = 0.5
_LATEST = 6
"""Messages at the end that stay as they are."""
_LEAST_RESULT = 600
"""Characters of a result that is left when it is cut."""
_LATEST_AT_MOST = 12_000
"""Characters of all latest messages beside a summary."""
_SUMMARY = "(The talk up to here"
"""How a summary begins."""
_LINES = 120
"""Of a summary, at most."""
_LEAST_SUMMARY = 1500
"""Characters of a summary's lines, whatever the window."""
_RESULT = re.compile(r"^\[result of (.*)\]$", re.M)
_CUT = "\n[... {count:,} characters left out later, to make room: run it again if they matter ...]\n"


def too_full(history: History, room: int, window: int | None) -> bool:
    """Tell whether the next call, with ``room`` tokens for its answer, comes near the window's end."""
    return window is not None and history.tokens + room > FULL * window


def make_room(history: History, room: int, window: int | None, opening: int, diff: str) -> str:
    """Cut the history to about half of the window; return in a few words what was done, empty where nothing can be.

    ``opening``: how many messages at its start are never touched. ``diff``: the tree's present change.
    """
    before = history.tokens
    goal = before // 2 if window is None else max(0, int(_AFTER * window) - room)
    cut = _cut_results(history, opening, goal)
    if history.tokens > goal and len(history.messages) > opening + 1:
        history.rewrite(lambda messages: _summarised(messages, opening, diff, goal))
        cut = "summary of what was done"
    return f"{cut}: about {before} tokens are now {history.tokens}" if history.tokens < before else ""


def _cut_results(history: History, opening: int, goal: int) -> str:
    """Cut the largest results, the latest messages excepted, until about ``goal`` tokens are left."""
    messages = history.messages
    old = [
        place
        for place in range(opening, len(messages) - _LATEST)
        if messages[place].role in ("tool", "user") and len(messages[place].content) > 2 * _LEAST_RESULT
    ]
    characters = sum(len(message.content) for message in messages)
    excess, chosen = (history.tokens - goal) * characters / max(history.tokens, 1), set[int]()
    for place in sorted(old, key=lambda place: -len(messages[place].content)):
        if excess <= 0:
            break
        chosen.add(place)
        excess -= len(messages[place].content) - _LEAST_RESULT
    if not chosen:
        return ""
    history.rewrite(lambda all: [_shortened(one) if at in chosen else one for at, one in enumerate(all)])
    return f"{len(chosen)} results cut"


def _shortened(message: Message, left: int = _LEAST_RESULT) -> Message:
    text = message.content
    if len(text) <= 2 * left:
        return message
    half = left // 2
    middle = _CUT.format(count=len(text) - 2 * half)
    return message.model_copy(update={"content": f"{text[:half]}{middle}{text[-half:]}"})


def _summarised(messages: Sequence[Message], opening: int, diff: str, goal: int) -> list[Message]:
    """Return the opening, a summary in place of the middle, and the latest exchanges whole."""
    start = _whole_exchange(messages, max(opening, len(messages) - _LATEST))
    latest = list(messages[start:])
    if sum(len(message.content) for message in latest) > _LATEST_AT_MOST:
        latest = [
            _shortened(message, 2 * _LEAST_RESULT) if message.role != "assistant" else message for message in latest
        ]
    done = _done(messages[opening:start])
    kept = _latest(done, max(_LEAST_SUMMARY, goal * CHARACTERS_PER_TOKEN // 2))
    text = render("tools/summary", done=kept, more=len(done) - len(kept), diff=_tail(diff, 4000))
    return [*messages[:opening], Message(role="user", content=text), *latest]


def _whole_exchange(messages: Sequence[Message], start: int) -> int:
    """Return the place, from ``start`` on, of the first message that answers no call before it."""
    while start < len(messages) and messages[start].role != "assistant":
        start += 1
    return start


def _latest(lines: list[str], room: int) -> list[str]:
    """Return as many of the last lines as fit, at most ``_LINES``."""
    kept = len(lines)
    while kept and len(lines) - kept < _LINES and (room := room - len(lines[kept - 1])) >= 0:
        kept -= 1
    return lines[kept:]


def _done(messages: Sequence[Message]) -> list[str]:
    """Return a line for each thing said and called, with the ends of what came of it."""
    done: list[str] = []
    of_call: dict[str, int] = {}
    for message in messages:
        if message.role == "tool":
            place = of_call.get(message.tool_call_id or "")
            if place is not None:
                done[place] += f" -> {_outcome(message.content)}"
            continue
        done += _lines_of(message)
        ids = [str(call.get("id", "")) for call in message.tool_calls]
        of_call |= {id: len(done) - len(ids) + number for number, id in enumerate(ids)}
    return done


def _outcome(result: str) -> str:
    """Return the first and the last line of a result: an exit code, and how many tests failed."""
    lines = [line for line in result.splitlines() if line.strip()] or ["nothing"]
    ends = [lines[0][:80], *(lines[-1].strip()[:100] for _ in lines[1:2])]
    return " ... ".join(ends)


def _lines_of(message: Message) -> list[str]:
    if message.role == "user" and message.content.startswith(_SUMMARY):  # an earlier one: it is all that is left
        told = message.content.partition("\nYour tree")[0]
        return [line.removeprefix("- ") for line in told.splitlines() if line.startswith("- ")]
    if message.role != "assistant":
        results = _RESULT.split(message.content)[1:]  # of calls by blocks, which are in what was said
        return [f"{call[:160]} -> {_outcome(text)}" for call, text in zip(results[::2], results[1::2], strict=True)]
    said = " ".join(message.content.split())[:200]
    calls = [str(call.get("function", {}).get("arguments", ""))[:160] for call in message.tool_calls]
    return [*([said] if said else []), *calls]


def _tail(text: str, limit: int) -> str:
    return text if len(text) <= limit else f"{text[:limit]}\n[... cut ...]"
