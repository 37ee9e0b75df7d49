"""What a run of pytest had told of its tests before it was cut off, by its time or by a test that ends the process."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from environments.workbench.outcome import Outcome
from environments.workbench.suites.junit import ReportError, parse_junit, parse_times


@dataclass(frozen=True)
class Streamed:
    """What a run told before it ended."""

    outcomes: dict[str, Outcome] = field(default_factory=dict)
    under_way: tuple[str, ...] = ()
    """Tests that had begun and did not end."""
    ended_at: dict[str, float] = field(default_factory=dict)
    """Seconds from the start until a test had ended, by its id."""


def read_stream(document: bytes, files: Iterable[str]) -> Streamed:
    """Read the pieces that a supervisor has kept (``supervised.Told.report``); nothing where they are no XML."""
    names = list(files)
    try:
        outcomes = parse_junit(document, names)
        started = parse_times(document, names, "started")
        ended = parse_times(document, names, "testcase")
    except ReportError:
        return Streamed()  # what it names came from the process that ran the repository's code
    return Streamed(outcomes, tuple(test for test in started if test not in ended), ended)
