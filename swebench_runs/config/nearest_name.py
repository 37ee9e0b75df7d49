"""What a message says of a name that nobody knows."""

from __future__ import annotations

import difflib
from collections.abc import Iterable

_LISTED = 20


def nearest(name: str, known: Iterable[str]) -> str:
    """Return the end of a message about an unknown name: the nearest known one, or what there is, if anything.

    Of dotted keys a name may be the last part alone: ``cost`` is near ``limits.task.cost``.
    """
    names = list(known)
    if not names:
        return ""
    close = difflib.get_close_matches(name, names, n=1, cutoff=0.6) or [
        one for one in names if one.rpartition(".")[2] == name
    ]
    if close:
        return f"; did you mean {close[0]!r}?"
    more = f" and {len(names) - _LISTED} more" if len(names) > _LISTED else ""
    return f" (there are: {', '.join(sorted(names)[:_LISTED])}{more})"
