"""Reads one evaluation's log: what each test did, or why the log tells nothing (swebench 5.0.2, ``get_logs_eval``).

What stands between the marks is written by the very code that is graded. Two things are checked beyond what the
official harness checks, and both only ever turn a verdict into "not resolved": each mark stands in the log once (a
second pair is somebody else's), and of several exit codes the last one counts, which the evaluation script wrote.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from environments.workbench.test_logs import Reader, Status
from swebench_runs.official import marks

_EXIT_CODE = re.compile(rf"{re.escape(marks.EXIT_CODE)}:\s*(-?\d{{1,9}})(?!\d)")
_NOT_NONE = r"(?<!\d)[1-9]\d*"
"""A number, begun at its first digit alone: a line of millions of digits would else be read by the square."""

_SUITE_RAN = (
    r"Executed [1-9]\d* of \d+",  # karma
    r"TOTAL: [1-9]\d* (?:SUCCESS|FAILED)",
    rf"{_NOT_NONE} passing",  # mocha
    r"Tests:\s+[1-9]\d*",  # jest
    r"Test Suites:\s+(?:\d+ \w+, )*[1-9]\d* total",
    r"^# tests [1-9]\d*",  # TAP
    rf"{_NOT_NONE} specs?, \d+ failures?",  # jasmine
    r"': ok$",  # openlayers' rendering tests
)
_RAN = re.compile("|".join(_SUITE_RAN), re.MULTILINE)
"""Signs that a runner which names failures alone did run: without one, silence is not success."""


class LogProblem(StrEnum):
    """Why a log tells nothing of any test."""

    MARKED = "the log says that the evaluation failed"
    NO_MARKS = "the marks around the test output are missing"
    REPEATED_MARKS = "the marks around the test output stand there more than once"
    NO_RESULTS = "no result of any test, and no sign that the tests ran"
    CONTRADICTED = "the test command failed, yet the log shows no failure"


@dataclass(frozen=True)
class LogReading:
    """What a log says: the status of each test, or a problem and no status at all."""

    statuses: Mapping[str, Status] = field(default_factory=dict)
    problem: LogProblem | None = None
    exit_code: int | None = None
    """Of the test command; None where the script did not record it (swebench 4)."""


def read_log(log: str, reader: Reader) -> LogReading:
    """Read a log with the reader of its repository (``environments.workbench.test_logs.reader``)."""
    log = log.replace("\r\n", "\n").replace("\r", "\n")
    if any(mark in log for mark in marks.FAILURES):
        return LogReading(problem=LogProblem.MARKED)
    starts, ends = log.count(marks.START), log.count(marks.END)
    if not starts or not ends:
        return LogReading(problem=LogProblem.NO_MARKS)
    if starts > 1 or ends > 1:
        return LogReading(problem=LogProblem.REPEATED_MARKS)
    inside = log.split(marks.START)[1].split(marks.END)[0]
    statuses = reader(inside) or reader(log)  # some runners' streams arrive late, after the end mark
    codes = _EXIT_CODE.findall(log)
    code = int(codes[-1]) if codes else None
    if not statuses and not _RAN.search(log):
        return LogReading(problem=LogProblem.NO_RESULTS, exit_code=code)
    if code and statuses and not any(found in (Status.FAILED, Status.ERROR) for found in statuses.values()):
        return LogReading(problem=LogProblem.CONTRADICTED, exit_code=code)
    return LogReading(statuses, exit_code=code)
