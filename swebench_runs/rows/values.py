"""Values of a row as libraries and spreadsheets leave them, made what the row means."""

from __future__ import annotations

import ast
import io
import math
import tokenize
from datetime import UTC, date, datetime
from typing import Any

import numpy as np

from environments.bounded import TooLarge, json_value

LONGEST = 16_000_000
"""Characters of the longest text of a row: the longest published patch has under a tenth."""
_NOTHING = frozenset({"", "nan", "none", "null", "nat", "<na>"})
"""How libraries write an absent value as text, in small letters."""
_TRUTHS = {"true": True, "1": True, "1.0": True, "yes": True, "false": False, "0": False, "0.0": False, "no": False}
_FORM = "must be a list of test names, or the JSON text of one"


def native(value: Any) -> Any:
    """Return a value of numpy as Python's own; any other as it is."""
    return value.tolist() if isinstance(value, np.ndarray | np.generic) else value


def is_missing(value: Any, *, text_counts: bool = False) -> bool:
    """Tell whether a value says nothing: null, NaN, NaT, and an empty text or the name of one of these.

    ``text_counts``: a text says something whatever it is.
    """
    if value is None or (isinstance(value, float) and math.isnan(value)):
        return True
    if isinstance(value, date) and value != value:  # NaT of pandas, which is a date and equals nothing
        return True
    return isinstance(value, str) and not text_counts and value.strip().lower() in _NOTHING


def text_of(value: Any) -> Any:
    """Return a whole or decimal number as its text; any other value as it is."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        return value
    return str(value)


def truth_of(value: Any) -> bool:
    """Return a truth value, a 0 or 1, or the word for one; an absent value is false. ValueError for anything else."""
    if is_missing(value):
        return False
    word = str(value).strip().lower()
    if word not in _TRUTHS:
        raise ValueError("must be true or false")
    return _TRUTHS[word]


def date_of(value: Any) -> Any:
    """Return a date, or the milliseconds by which pandas writes one, as text; any other value as it is."""
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, int | float) and not isinstance(value, bool):
        try:
            return datetime.fromtimestamp(value / 1000 if abs(value) > 1e11 else value, UTC).isoformat()
        except (ValueError, OverflowError, OSError):
            raise ValueError("is no date") from None
    return value


def tests_of(value: Any) -> tuple[str, ...]:
    """Return a list of tests given as a list, as the JSON text of one, or as Python or numpy prints one.

    Raises ValueError for anything else.
    """
    for _ in range(3):  # a text may hold the text of a list
        if not isinstance(value, str):
            break
        value = _parsed(value)
    if is_missing(value):
        return ()
    if not isinstance(value, list | tuple) or not all(isinstance(test, str) for test in value):
        raise ValueError(_FORM)
    return tuple(value)


def _parsed(text: str) -> Any:
    if is_missing(text):
        return None
    try:
        return json_value(text, at_most=LONGEST)
    except TooLarge:
        raise ValueError(_FORM) from None
    except ValueError:
        return _printed_list(text)


def _printed_list(text: str) -> list[str]:
    """Read what Python or numpy prints of a list of strings; numpy leaves the commas out."""
    found: list[str] = []
    try:
        tokens = [
            token for token in tokenize.generate_tokens(io.StringIO(text.strip()).readline) if token.string.strip()
        ]
        words = [token.string for token in tokens if token.type != tokenize.STRING and token.string != ","]
        if words not in (["[", "]"], ["(", ")"], ["{", "}"], ["array", "(", "[", "]", "dtype", "=", "object", ")"]):
            raise ValueError(_FORM)
        for token in tokens:
            if token.type == tokenize.STRING:
                found.append(ast.literal_eval(token.string))
    except (SyntaxError, ValueError, tokenize.TokenError, RecursionError, MemoryError):
        raise ValueError(_FORM) from None
    return found
