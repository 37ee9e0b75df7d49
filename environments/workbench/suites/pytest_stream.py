"""What a run of pytest had told of its tests before it was cut off.

pytest writes its report at the very end: a suite that is cut off by its time, or by a test that ends the process,
would tell of nothing. What a plugin (``streaming_plugin``) appends, line by line, is junit XML in pieces, read by the
same reader. It is used only where there is no whole report.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path

from environments.workbench.outcome import Outcome
from environments.workbench.suites.junit import ReportError, parse_junit, parse_times

PLUGIN = Path(__file__).with_name("streaming_plugin.py").read_bytes()
"""The plugin's text."""


@dataclass(frozen=True)
class Streamed:
    """What a run told before it ended."""

    outcomes: dict[str, Outcome] = field(default_factory=dict)
    under_way: tuple[str, ...] = ()
    """Tests that had begun and did not end."""
    ended_at: dict[str, float] = field(default_factory=dict)
    """Seconds from the start until a test had ended, by its id."""


def read_stream(content: bytes, files: Iterable[str]) -> Streamed:
    """Read what the plugin has written; nothing where it is not what the plugin writes. A cut last line is dropped."""
    whole = content[: content.rfind(b"\n") + 1]
    document = b"<testsuites>" + whole + b"</testsuites>"
    names = list(files)
    try:
        outcomes = parse_junit(document, names)
        started = parse_times(document, names, "started")
        ended = parse_times(document, names, "testcase")
    except ReportError:
        return Streamed()  # the process that wrote it ran the repository's code, which may have written there too
    return Streamed(outcomes, tuple(test for test in started if test not in ended), ended)
