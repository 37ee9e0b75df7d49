"""``/runoff`` at the start of a comment, and what stands behind it."""

from __future__ import annotations

import difflib
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from environments.text import readable

Verb = Literal["solve", "retry", "stop", "explain", "help"]
VERBS: Mapping[str, Verb] = {
    **{"fix": "solve", "solve": "solve", "retry": "retry", "stop": "stop", "explain": "explain", "help": "help"}
}
"""What may be written behind ``/runoff``."""
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
    """In words of whoever writes it; of ``help``: what is wrong with what they wrote, empty where they asked for it."""


def command_of(comment: str, *, of_review: bool = False) -> Command | None:
    """Return the command that a comment starts with; None for none, ``help`` with the reason as hint for a wrong one.

    ``/runoff``, ``/runoff fix``, ``retry``, ``stop``, ``explain``, ``help``; behind it a budget in dollars (``$2.50``)
    and a hint in plain words: ``/runoff retry $2 only half.py is wrong``. Another word starts nothing, for what starts
    costs money; but of a comment on the bot's pull request (``of_review``) it is what the review says, unless it looks
    like one that is misspelled.
    """
    text = readable(comment).lstrip()
    start = _START.match(text)
    if start is None:
        return None
    rest = text[start.end() :].strip()
    first, *_ = rest.split(maxsplit=1) or [""]
    verb = VERBS.get(first.lower().rstrip(":,.!"))
    if verb:
        rest = rest[len(first) :].strip()
    elif first and "$" not in first and (not of_review or _is_like_a_verb(first)):
        return Command("help", hint=f"there is no `/runoff {first[:40]}`")
    budget, hint = _budget(rest)
    if budget is not None and budget <= 0:
        return Command("help", hint="a budget must be more than nothing: write `/runoff $2`")
    if len(hint) > MAX_HINT:
        return Command("help", hint=f"a hint has at most {MAX_HINT:,} characters: write the rest into the issue")
    return Command(verb or "solve", budget, hint)


def _is_like_a_verb(word: str) -> bool:
    return bool(difflib.get_close_matches(word.lower(), VERBS, n=1, cutoff=0.75))


def _budget(rest: str) -> tuple[float | None, str]:
    first, _, behind = rest.partition(" ")
    found = _BUDGET.fullmatch(first.strip()) if "$" in first else None
    return (float(found[1]), behind.strip()) if found else (None, rest)
