"""How long the stages of a task took, by its log."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any


def wall_seconds(events: Iterable[Mapping[str, Any]]) -> dict[str, float]:
    """Return stage -> seconds between its starts and ends; a start that was cut off does not count.

    An end says how long its stage took by a clock that nobody sets; logs of older versions have the times alone.
    """
    seconds, began = defaultdict[str, float](float), dict[str, datetime]()
    for event in events:
        if event["event"] == "stage_start":
            began[event["stage"]] = datetime.fromisoformat(event["at"])
        elif event["event"] == "stage_end" and event["stage"] in began:
            took = (datetime.fromisoformat(event["at"]) - began.pop(event["stage"])).total_seconds()
            seconds[event["stage"]] += float(event.get("seconds", took))
    return dict(seconds)
