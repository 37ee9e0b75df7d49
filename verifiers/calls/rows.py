"""From recorded calls to rows of a ballot's ``calls``: what distinguishes trees, told once."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping

from verifiers.ballot import BASE

MOST_ROWS = 24
"""Rows of one task: those that most calls bear out."""
MISSING = "not called"

_Outcomes = Mapping[tuple[str, str], str]


def rows_of_calls(
    first: _Outcomes, second: _Outcomes, candidates: Mapping[str, _Outcomes]
) -> dict[str, dict[str, str]]:
    """Return row -> candidate id or BASE -> what came of a call, for calls that not all trees answer alike.

    ``first``, ``second``: two runs on the base; what they do not agree on says nothing. Calls of one function that
    part the trees in the same way are one row. A call that a candidate's tests do not make is ``not called``.
    """
    counted: Counter[tuple[str, tuple[int, ...]]] = Counter()
    shown: dict[tuple[str, tuple[int, ...]], dict[str, str]] = {}
    for call in sorted(first.keys() & second.keys()):
        if first[call] != second[call]:
            continue
        row = {BASE: first[call], **{name: found.get(call, MISSING) for name, found in candidates.items()}}
        values = list(row.values())
        parting = tuple(values.index(value) for value in values)
        if any(parting):
            counted[call[0], parting] += 1
            shown.setdefault((call[0], parting), row)
    kept = sorted(counted, key=lambda key: (-counted[key], key))[:MOST_ROWS]
    return {f"call:{function}:{number}": shown[function, parting] for number, (function, parting) in enumerate(kept)}
