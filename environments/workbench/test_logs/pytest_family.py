"""Readers of what pytest prints at its end under ``-rA``: a line per test, its status first."""

from __future__ import annotations

import re
from collections.abc import Iterator

from environments.workbench.test_logs.status import Status, status

_COUNT = re.compile(r"\[\d+\]$")
_COLOUR = re.compile(r"\[\d+m")
_CONTROL = dict.fromkeys(range(1, 32))


def read_pytest(log: str) -> dict[str, Status]:
    """Read summary lines; a test's name ends at the first blank."""
    return {words[1]: found for found, words in _summary(log.split("\n"))}


def read_pytest_options(log: str) -> dict[str, Status]:
    """As ``read_pytest``; of a parameter that is an absolute path, only the last part is kept."""
    return {_short_path(words[1]): found for found, words in _summary(log.split("\n"))}


def read_matplotlib(log: str) -> dict[str, Status]:
    """As ``read_pytest``; mouse buttons are named by number, as they were before they had names."""
    return read_pytest(log.replace("MouseButton.LEFT", "1").replace("MouseButton.RIGHT", "3"))


def read_pytest_v2(log: str) -> dict[str, Status]:
    """Read coloured lines too, names with blanks, and the lines of old versions, which end with the status."""
    lines = (_COLOUR.sub("", line).translate(_CONTROL) for line in log.split("\n"))
    found: dict[str, Status] = {}
    for line in lines:
        words = line.split()
        if len(words) < 2:
            continue
        if line.startswith(tuple(Status)):
            if first := status(words[0]):
                named = line.split(" - ", 1)[0].split() if first is Status.FAILED else words
                if len(named) > 1 and not _is_count(first, named[1]):
                    found[" ".join(named[1:])] = first
        elif (last := status(words[-1])) and line.endswith(last):
            found[" ".join(words[:-1])] = last
    return found


def read_seaborn(log: str) -> dict[str, Status]:
    """Read passed and failed tests only, whichever side of the name the status stands on."""
    found: dict[str, Status] = {}
    for line in log.split("\n"):
        words = line.split()
        if len(words) < 2:
            continue
        first = status(words[0]) if not line[0].isspace() else None
        if first is Status.FAILED:
            found[words[1]] = Status.FAILED
        elif " PASSED " in line:
            if words[1] == Status.PASSED:
                found[words[0]] = Status.PASSED
        elif first is Status.PASSED:
            found[words[1]] = Status.PASSED
    return found


def _summary(lines: list[str]) -> Iterator[tuple[Status, list[str]]]:
    for line in lines:
        if not line.startswith(tuple(Status)):
            continue
        if line.startswith(Status.FAILED):
            line = line.replace(" - ", " ")
        words = line.split()
        first = status(words[0])
        if first and len(words) > 1 and not _is_count(first, words[1]):
            yield first, words


def _is_count(found: Status, name: str) -> bool:
    """Tell pytest's ``SKIPPED [3] file:line: reason``, which counts tests and names none, from a test's own line.

    ``PASSED [100%]``, a progress line that was wrapped, stays: two tasks of SWE-bench list ``[100%]`` as a test.
    """
    return found is Status.SKIPPED and bool(_COUNT.match(name))


def _short_path(name: str) -> str:
    first, last = name.find("["), name.rfind("]")
    if not 0 <= first < last:
        return name
    option = name[first + 1 : last]
    if option.startswith("/") and not option.startswith("//") and "*" not in option:
        option = "/" + option.rsplit("/", 1)[-1]
    return f"{name[:first]}[{option}]"
