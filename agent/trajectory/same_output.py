"""Whether two runs of one command came out the same, but for what differs from run to run and means nothing."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

_NUMBER = r"\d+(?:\.\d+)?"
_MONTH = r"(?:Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec)"
_COMMIT = r"(?=[0-9a-f]{0,39}[a-f])(?=[a-f]{0,39}\d)[0-9a-f]{7,40}"
_VARIES: tuple[tuple[re.Pattern[str], str], ...] = tuple(
    (re.compile(pattern), stands)
    for pattern, stands in (
        (r"\x1b\[[0-9;]*m", ""),
        (r"\b\d{4}-\d\d-\d\d[T ]\d\d:\d\d(?::\d\d)?(?:[.,]\d+)?(?:Z| ?[+-]\d\d:?\d\d)?", "<date>"),
        (rf"\b(?:(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun),? )?{_MONTH} +\d{{1,2}} +(?:\d\d:\d\d(?::\d\d)?(?: \w+)?|\d{{4}})"
         r"(?: \d{4})?\b", "<date>"),
        (rf"\b(real|user|sys)(\s+){_NUMBER}m{_NUMBER}s", r"\1 <duration>"),
        (r"\b\d\d:\d\d:\d\d(?:[.,]\d+)?\b", "<time>"),
        (r"\b\d+:\d\d:\d\d(?:\.\d+)?\b", "<duration>"),
        (rf"\b{_NUMBER}(?:e-\d+)? ?(?:ns|us|µs|ms|[mun]?sec|s|secs|seconds?|minutes?)\b", "<duration>"),
        (r" \(<duration>\)", ""),
        (r"\b0x[0-9a-fA-F]{4,}\b", "<address>"),
        (r"(?i)\b(pid|process|thread)(\W{1,3})\d+\b", r"\1\2<pid>"),
        (r"(?m)^(\[\d+\]) \d+$", r"\1 <pid>"),
        (r"(?<=\w\[)\d{2,7}(?=\]:)", "<pid>"),
        (r"/tmp/tmp\w{8}\b", "<temporary>"),
        (r"\btmp[a-z0-9_]{8}\b", "<temporary>"),
        (r"/tmp/tmp\.\w{10}\b", "<temporary>"),
        (r"\bpytest-of-(\w+)/pytest-\d+\b", r"pytest-of-\1/pytest-<n>"),
        (rf"\b(commit|at|with) {_COMMIT}\b", r"\1 <commit>"),
        (rf"(?<=[ (]){_COMMIT}(?=[\])])", "<commit>"),
        (rf"(?m)^(\W*){_COMMIT}(?= \S)", r"\1<commit>"),
        (r"={2,}", "=="),
        (r"-{2,}", "--"),
    )
)  # fmt: skip
_CUT = re.compile(r"\n\[\.\.\. \d+ bytes cut \.\.\.\]\n")
_NEAR_A_CUT = 20
"""Lines beside the cut of a long output that are not compared: a longer duration moves the place of the cut."""


def comparable(output: str) -> str:
    """Return an output without what varies: durations, dates, addresses, process ids, temporary names."""
    for pattern, stands in _VARIES:
        output = pattern.sub(stands, output)
    return output


def difference(recorded: Mapping[str, Any], now: Mapping[str, Any]) -> str:
    """Return in a few words how a command's answer differs from the recorded one; empty where it means nothing.

    Of a command that ran into its time limit both times, how far it had come by then means nothing.
    """
    if recorded["timed_out"] and now["timed_out"]:
        return ""
    if recorded["exit_code"] != now["exit_code"]:
        return f"exit code {now['exit_code']} instead of {recorded['exit_code']}"
    before, after = _lines(comparable(str(recorded["output"])), comparable(str(now["output"])))
    if before == after:
        return ""
    missing = next((line for line in before if line not in after), None)
    new = next((line for line in after if line not in before), None)
    if missing is None and new is None:
        return "the output has other repeats of its lines"
    return f"the output has {_shown(new)} instead of {_shown(missing)}"


def _lines(one: str, other: str) -> tuple[list[str], list[str]]:
    """Return the lines to compare, in an order that does not depend on who came first; of two that were cut, those
    that stand in both whatever the place of the cut."""
    parts = _CUT.split(one), _CUT.split(other)
    if min(map(len, parts)) == 1:
        return _sorted(one.splitlines()), _sorted(other.splitlines())
    heads, tails = [part[0].splitlines() for part in parts], [part[-1].splitlines() for part in parts]
    head = max(0, min(map(len, heads)) - _NEAR_A_CUT)
    tail = max(0, min(map(len, tails)) - _NEAR_A_CUT)
    first, second = ([*h[:head], *t[len(t) - tail :]] for h, t in zip(heads, tails, strict=True))
    return _sorted(first), _sorted(second)


def _sorted(lines: list[str]) -> list[str]:
    return sorted(line.rstrip() for line in lines)


def _shown(line: str | None) -> str:
    return "nothing" if line is None else repr(line[:80])
