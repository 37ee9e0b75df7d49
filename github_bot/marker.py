"""The hidden line of the bot's one comment: by it the comment is found again, and what was spent is counted once.

Only in a comment of the bot's own account does it count: anybody may write the line.
"""

from __future__ import annotations

import re
from typing import Annotated, Literal

from pydantic import Field, NonNegativeFloat, PositiveInt, ValidationError

from github_bot.longest import LONGEST, fitted
from selection.decision import Confidence
from swebench_runs.config.key_kinds import Frozen

_LINE = re.compile(r"<!-- runoff (\{[^\n]*\}) -->")
_OPENS = re.compile(r"(?i)(<!--\s*)(?=runoff)")
_MOST_RUNS = 200


class Run(Frozen):
    """What one run took."""

    at: Annotated[str, Field(pattern=r"^\d{4}-\d{2}-\d{2}$")]
    """The day on which it ended, UTC."""
    cost: Annotated[NonNegativeFloat, Field(allow_inf_nan=False)] | None = None
    """US dollars; None where a price is unknown. Of a run that has not ended: all that it may cost."""
    ended: bool = True
    """False: it was begun, and nobody has told its end yet."""
    confidence: Confidence = "none"
    """In the patch that it came to."""


class Marker(Frozen):
    """What the hidden line says."""

    v: Annotated[int, Field(ge=1, le=1)] = 1
    runs: Annotated[dict[Annotated[str, Field(max_length=150)], Run], Field(max_length=_MOST_RUNS)] = Field(
        default_factory=dict
    )
    """By run id: a run that is published twice is counted once."""
    pull_requests: Annotated[dict[PositiveInt, Literal["merged", "closed"]], Field(max_length=_MOST_RUNS)] = Field(
        default_factory=dict
    )
    """How those of the issue ended: with the runs' confidence what a calibration is fitted to."""


def marker_of(body: str) -> Marker | None:
    """Return what a comment's hidden line says: its last line, and no other. None where that cannot be read."""
    found = _LINE.fullmatch(_parted(body)[1])
    if found is None:
        return None
    try:
        return Marker.model_validate_json(found[1])
    except ValidationError:
        return None


def marked(text: str, marker: Marker) -> str:
    """Return a comment's text with the hidden line at its end; one that the text brought itself hides nothing.

    Together they are as long as GitHub takes: a text that is longer is cut, and says so.
    """
    line = f"\n\n<!-- runoff {marker.model_dump_json()} -->"
    return fitted(disarmed(text).rstrip(), LONGEST - len(line)) + line


def unmarked(body: str) -> str:
    """Return a comment's text without the hidden line."""
    text, last = _parted(body)
    return text if _LINE.fullmatch(last) else body.rstrip()


def disarmed(text: str) -> str:
    """Return a text that is not the bot's own hidden line as one that cannot be taken for such a line anywhere."""
    # A joiner is put in and nothing is taken out: what is taken out lets its two sides become a new line.
    return _OPENS.sub("\\1\u2060", text)


def _parted(body: str) -> tuple[str, str]:
    """Return what stands before a body's last line, and that line."""
    before, _, last = body.rstrip().rpartition("\n")
    return before.rstrip(), last


def with_run(marker: Marker, run_id: str, run: Run | None) -> Marker:
    """Return a marker that counts a run, however often it is told of it; the oldest runs are dropped."""
    if run is None:
        return marker
    runs = {**marker.runs, run_id: run}
    return marker.model_copy(update={"runs": dict(list(runs.items())[-_MOST_RUNS:])})
