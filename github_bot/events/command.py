"""``/runoff`` at the start of a comment, and what stands behind it."""

from __future__ import annotations

import difflib
import re
from dataclasses import dataclass
from typing import Literal

from environments.text import readable

Verb = Literal["solve", "retry", "stop", "explain"]
VERBS: tuple[Verb, ...] = ("retry", "stop", "explain")
MAX_HINT = 2000
"""Characters of a hint; what is longer belongs into the issue."""
_START = re.compile(r"/runoff(?=\s|\Z)")
_BUDGET = re.compile(r"\$?(\d{1,4}(?:\.\d{1,2})?)\$?")


@dataclass(frozen=True)
class Command:
    """What a comment asks for."""

    verb: Verb
    budget: float | None = None
    """US dollars that this run may cost."""
    hint: str = ""


def command_of(comment: str) -> Command | str | None:
    """Return the command that a comment starts with; None for none, a text that says what is wrong for a bad one.

    ``/runoff``, ``/runoff retry``, ``/runoff stop``, ``/runoff explain``; behind it a budget in dollars (``$2.50``)
    and a hint in plain words: ``/runoff retry $2 only half.py is wrong``.
    """
    text = readable(comment).lstrip()
    start = _START.match(text)
    if start is None:
        return None
    rest = text[start.end() :].strip()
    first, *_ = rest.split(maxsplit=1) or [""]
    verb = next((verb for verb in VERBS if verb == first.lower()), None)
    if verb:
        rest = rest[len(first) :].strip()
    elif rest == first and (close := difflib.get_close_matches(first.lower(), VERBS, n=1, cutoff=0.6)):
        return f"there is no `/runoff {close[0]}` spelled that way: write `/runoff {close[0]}`"
    budget, hint = _budget(rest)
    if budget is not None and budget <= 0:
        return "a budget must be more than nothing: write `/runoff $2`"
    if len(hint) > MAX_HINT:
        return f"a hint has at most {MAX_HINT:,} characters: write the rest into the issue"
    return Command(verb or "solve", budget, hint)


def _budget(rest: str) -> tuple[float | None, str]:
    first, _, behind = rest.partition(" ")
    found = _BUDGET.fullmatch(first.strip()) if "$" in first else None
    return (float(found[1]), behind.strip()) if found else (None, rest)
