"""A log that says two things of one test: what it did, and later, made up by the code under test, that it passed."""

from __future__ import annotations

import re
from collections.abc import Iterable

from environments.workbench.test_logs import Reader, Status
from swebench_runs.official import marks, read_log

_BAD = (Status.FAILED, Status.ERROR)
_PROGRESS = re.compile(r"\[ *\d+%\]")
"""No test: some rows of pytest's own repository name the mark that it prints behind tests which it runs itself."""


def contradiction(log: str, reader: Reader, tests: Iterable[str]) -> str:
    """Say in one line of which test a log tells both; empty: of none.

    Readers let the last line about a test count (as the official ones do), so that the log read from its end tells
    what the first line said. ``reader``: one of ``test_logs.PYTHON``, which read line by line what tells
    tests apart by name; others do neither. ``tests``: the row's, of which a verdict is made.
    """
    before, start, rest = log.replace("\r\n", "\n").replace("\r", "\n").partition(marks.START)
    inside, end, after = rest.partition(marks.END)
    backwards = "\n".join(reversed(inside.split("\n")))
    last = read_log(log, reader).statuses
    first = read_log(f"{before}{start}\n{backwards}\n{end}{after}", reader).statuses
    for test in tests:
        if _PROGRESS.fullmatch(test):
            continue
        if test in last and last[test].passing and first.get(test) in _BAD:
            return f"the log says that {test} failed, and that it passed: somebody wrote into it"
    return ""
