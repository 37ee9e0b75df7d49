"""Letters from A (right beyond doubt) to T (wrong beyond doubt), one for each of two changes, read off an answer."""

from __future__ import annotations

import math
import re
import string

from agent.models.answers.answer_kind import kind_of
from agent.models.contract import Choice, TokenLogprob

LETTERS = string.ascii_uppercase[:20]
GRAMMAR = 'root ::= "FIRST: " [A-T] "\nSECOND: " [A-T]'
TOP = 20
"""Alternatives of a token that are asked for: as many as vendors give."""

_WORDS = ("FIRST", "SECOND")
_LINE = r"^[\s>*#`]*{word}[\s*:`=-]+(?:\*\*)?([A-T])\b[*`. ]*$"
_LINES = tuple(re.compile(_LINE.format(word=word), re.MULTILINE) for word in _WORDS)


def worth(letter: str) -> float:
    """Return what a letter says: A is 1, T is 0, even steps between."""
    return 1 - LETTERS.index(letter) / (len(LETTERS) - 1)


def read_letters(choice: Choice) -> tuple[float, float] | None:
    """Return what an answer says of the two changes, each 0 to 1; None where it does not say it of both.

    With log-probabilities each is the expectation over the letters at that place, else the letter alone. An answer
    that its length cut counts only as far as whole lines of it say both: a letter may be the beginning of a word.
    """
    text = choice.content
    found = [_last(line, text) for line in _LINES]
    first, second = found
    if first is None or second is None or second.start(1) < first.start(1):
        return None
    if kind_of(choice) == "cut" and not text[second.end(1) :].strip(" *`.").startswith("\n"):
        return None
    one, two = (_expected(choice.logprobs, match.start(1), match[1]) for match in (first, second))
    return one, two


def _last(line: re.Pattern[str], text: str) -> re.Match[str] | None:
    """Return the last line of its kind: what was said on the way to it was thinking."""
    return next(reversed(list(line.finditer(text))), None)


def _expected(tokens: tuple[TokenLogprob, ...] | None, place: int, letter: str) -> float:
    """Return the expectation over the letters that might have stood at a place of the text; else the letter's worth."""
    at = 0
    for token in tokens or ():
        if at <= place < at + len(token.token):
            return _over_letters(token, letter)
        at += len(token.token)
    return worth(letter)


def _over_letters(token: TokenLogprob, letter: str) -> float:
    alternatives = {**dict(token.top), token.token: token.logprob}
    mass: dict[str, float] = {}
    for text, logprob in alternatives.items():
        if (said := text.strip(" \t\n*`:.")) in LETTERS and len(said) == 1:
            mass[said] = mass.get(said, 0.0) + math.exp(logprob)
    whole = sum(mass.values())
    return sum(worth(said) * p for said, p in mass.items()) / whole if whole else worth(letter)
