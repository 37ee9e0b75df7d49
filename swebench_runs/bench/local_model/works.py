"""What the embedded model is timed at: the three kinds of work that trajectories give it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

FUNCTION = '''\
def parse_duration(text, default_unit="s"):
    """Return the seconds that a text such as ``1h 20m`` stands for."""
    units = {"s": 1, "m": 60, "h": 3600, "d": 86400, "w": 604800}
    if default_unit not in units:
        raise ValueError(f"unknown unit {default_unit!r}")
    cleaned = text.strip().lower().replace(",", " ")
    if not cleaned:
        raise ValueError("an empty duration")
    negative = cleaned.startswith("-")
    if negative:
        cleaned = cleaned[1:].lstrip()
    total = 0.0
    seen = set()
    number = ""
    for character in cleaned + " ":
        if character.isdigit() or character == ".":
            number += character
            continue
        if character in units:
            if not number:
                raise ValueError(f"no number before {character!r}")
            if character in seen:
                raise ValueError(f"{character!r} stands twice")
            seen.add(character)
            total += float(number) * units[character]
            number = ""
        elif character == " ":
            if number:
                total += float(number) * units[default_unit]
                number = ""
        else:
            raise ValueError(f"unexpected {character!r} in {text!r}")
    return -total if negative else total
'''

REWRITE_TOKENS = 340
INFILL_TOKENS = 24
CHOICES = 4
CHOICE_TOKENS = 64
INFILLS = 8

_ISSUE = "# parse_duration('-90') must give -90.0; a sign in the middle of the text must be refused.\n"


def rewrite(turn: int) -> Mapping[str, Any]:
    """Return the request to write the function of 300 tokens again, with one small change."""
    ask = (
        f"Round {turn}. Write this function again, whole, in one code block and without a word before it. Change one "
        f"thing: an empty text gives 0.0 instead of an error.\n\n```python\n{FUNCTION}```"
    )
    return {
        "messages": [{"role": "user", "content": ask}],
        "max_tokens": REWRITE_TOKENS,
        "temperature": 0.0,
        "seed": 1,
    }


def infills(turn: int, fim: tuple[str, str, str]) -> list[Mapping[str, Any]]:
    """Return requests for one line each, in the order of the lines: a neighbour shares all that stands before."""
    lines = FUNCTION.splitlines(keepends=True)
    prefix, suffix, middle = fim
    head = f"# Round {turn}.\n{_ISSUE}"
    made: list[Mapping[str, Any]] = []
    for number in range(5, 5 + INFILLS):
        before, after = "".join(lines[:number]), "".join(lines[number + 1 : number + 3])
        indent = lines[number][: len(lines[number]) - len(lines[number].lstrip())]
        prompt = f"{prefix}{head}{before}{indent}{suffix}\n{after}{middle}"
        made.append(
            {"prompt": prompt, "max_tokens": INFILL_TOKENS, "temperature": 0.0, "seed": 1, "stop": ["\n"], "n": 1}
        )
    return made


def choices(turn: int) -> Mapping[str, Any]:
    """Return the request for several answers at once to one prompt."""
    ask = f"Round {turn}. What may be wrong with this function? Name one input.\n\n```python\n{FUNCTION}```"
    return {
        "messages": [{"role": "user", "content": ask}],
        "n": CHOICES,
        "max_tokens": CHOICE_TOKENS,
        "temperature": 0.8,
        "seed": 1,
    }
