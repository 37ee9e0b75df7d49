"""Readers of runners of other languages than Python that print a line per test: SWE-bench Multilingual's.

Patterns end in finite steps that grow with a line's length, and no faster: hostile code writes the lines.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping

from environments.workbench.test_logs.status import Status

_PASSED, _FAILED, _SKIPPED = Status.PASSED, Status.FAILED, Status.SKIPPED

_FORMS: Mapping[str, tuple[str, Mapping[str, Status]]] = {
    # a line, its ends stripped, in which ``word`` says what the test ``name`` did
    "jq": (r"(?P<word>PASS|FAIL):\s(?P<name>.+)", {"PASS": _PASSED, "FAIL": _FAILED}),
    "micropython_test": (
        r"(?P<word>pass|FAIL|skip)\s+(?P<name>.+)",
        {"pass": _PASSED, "FAIL": _FAILED, "skip": _SKIPPED},
    ),
    "gotest": (
        r"--- (?P<word>PASS|FAIL|SKIP): (?=.*\)\Z)(?P<name>.+) \(.+\)",
        {"PASS": _PASSED, "FAIL": _FAILED, "SKIP": _SKIPPED},
    ),
    "ant": (
        r"\[junit\]\s+\[(?P<word>PASS|FAIL|ERR)\]\s+(?P<name>.*)",
        {"PASS": _PASSED, "FAIL": _FAILED, "ERR": _FAILED},
    ),
    "cucumber": (r"(?P<name>.*) \.+(?P<word>[.F]).*", {".": _PASSED, "F": _FAILED}),
    "ruby_unit": (
        r"(?:test: )?(?P<name>.+):\s+(?P<word>\.|[EFO]\b).*",
        {".": _PASSED, "E": _FAILED, "F": _FAILED, "O": _SKIPPED},
    ),
    "rspec_transformed_json": (
        r"(?P<name>.+) - (?P<word>passed|failed).*",
        {"passed": _PASSED, "failed": _FAILED},
    ),
    "cargo": (r"test\s+(?P<name>\S+)\s+\.\.\.\s+(?P<word>ok|FAILED)", {"ok": _PASSED, "FAILED": _FAILED}),
    "jest": (
        r"(?P<word>[✓✕○])\s(?P<name>.+?)(?:\s\(\d+\s*m?s\))?",
        {"✓": _PASSED, "✕": _FAILED, "○": _SKIPPED},
    ),
    "jest_json": (r"\[(?P<word>PASSED|FAILED)\]\s(?P<name>.+)", {"PASSED": _PASSED, "FAILED": _FAILED}),
    "vitest": (
        r"(?P<word>[✓\N{MULTIPLICATION SIGN}↓])\s(?P<name>.+?)(?:\s(?:\d+\s*m?s?|\[skipped\]))?",
        {"✓": _PASSED, "\N{MULTIPLICATION SIGN}": _FAILED, "↓": _SKIPPED},
    ),
    "tap": (r"(?P<word>ok|not ok) \d+ (?P<name>.+)", {"ok": _PASSED, "not ok": _FAILED}),
}

_REDIS = re.compile(r"\[(ok|err|skip|ignore)\]:\s(.+?)(?:\s\(\d+\s*m?s\))?")
_REDIS_WORDS = {"ok": _PASSED, "err": _FAILED, "skip": _SKIPPED, "ignore": _SKIPPED}
_IN_FILE = re.compile(r"(?<!\s)\s+in\s+\S+\Z")
_GOOGLETEST = re.compile(r"\[\s*(OK|FAILED)\s*\]\s")
_DURATION = re.compile(r"\s\(")


def _of_form(name: str) -> Callable[[str], dict[str, Status]]:
    pattern, words = _FORMS[name]
    form = re.compile(pattern)
    tidy: Callable[[str], str] = str.strip if name == "jest" else str

    def read(log: str) -> dict[str, Status]:
        matches = (form.fullmatch(line) for line in _lines(log))
        return {tidy(match["name"]): words[match["word"]] for match in matches if match}

    return read


def _lines(log: str) -> Iterator[str]:
    return (line.strip() for line in log.split("\n"))


def read_redis(log: str) -> dict[str, Status]:
    """Read the lines of Redis's and Valkey's own runner; a failed test's file is no part of its name."""
    found: dict[str, Status] = {}
    for match in (_REDIS.fullmatch(line) for line in _lines(log)):
        if match:
            did = _REDIS_WORDS[match[1]]
            found[_IN_FILE.sub("", match[2]) if did is _FAILED else match[2]] = did
    return found


def read_googletest(log: str) -> dict[str, Status]:
    """Read ``[ OK ] name (5 ms)``; the last mark on a line counts, and the last bracket is the duration's."""
    found: dict[str, Status] = {}
    for line in _lines(log):
        if not line.endswith(")"):
            continue
        duration = max((match.start() for match in _DURATION.finditer(line, 0, len(line) - 1)), default=-1)
        marked = [match for match in _GOOGLETEST.finditer(line) if match.end() <= duration]
        if marked:
            found[line[marked[-1].end() : duration]] = _PASSED if marked[-1][1] == "OK" else _FAILED
    return found


def read_minitest(log: str) -> dict[str, Status]:
    """Read ``name. = 0.01 s = .``: the last ``.``, ``F`` or ``E`` behind a ``=`` says what the test did."""
    found: dict[str, Status] = {}
    for line in _lines(log):
        outcome = max(line.rfind(word) for word in ".FE")
        equals = line.rfind("=", 0, max(outcome, 0))
        end = line.rfind(". ", 0, max(equals, 0))
        if end > 0:
            found[line[:end]] = _PASSED if line[outcome] == "." else _FAILED
    return found


ONE_LINE: Mapping[str, Callable[[str], dict[str, Status]]] = {
    **{name: _of_form(name) for name in _FORMS},
    "redis": read_redis,
    "googletest": read_googletest,
    "minitest": read_minitest,
}
