"""Readers of runners that tell a test's name or suite on another line than what it did: SWE-bench Multilingual's."""

from __future__ import annotations

import re
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import cast
from xml.etree.ElementTree import Element, ParseError, XMLPullParser

from environments.workbench.test_logs.status import Status

_MAVEN_TEST = re.compile(r".*-Dtest=(\S+)")
_MAVEN_RESULT = re.compile(r".*BUILD (SUCCESS|FAILURE)\Z")
_GRADLE_WHOLE = re.compile(r"([^>].+)\s(PASSED|FAILED)")
_GRADLE_NAME = re.compile(r"[^>]\S*\s+>\s+\S+")
_PHP_SUITE = re.compile(r"(?=.*\)\Z)(\w.+) \(.+\)")
_PHP_TEST = re.compile(r"\s*([✔✘↩])\s*(.*)")
_PHP_WORDS = {"✔": Status.PASSED, "✘": Status.FAILED, "↩": Status.SKIPPED}
_KARMA = re.compile(r"(\s*)([✔✖]?)\s(.*)")
_ROOM = 64 << 20
"""Characters of all names together: each test's repeats its suite's, so that a log could be made to fill the memory."""

Told = tuple[tuple[str, ...], Status]
"""The names of suites and at last the test's, and what it did."""


def read_maven(log: str) -> dict[str, Status]:
    """Read runs of ``mvn -Dtest=name``, traced by the shell: names and results belong together in their order."""
    found: dict[str, Status] = {}
    names: deque[str] = deque()
    early: list[Status] = []  # told before any name, as another stream was faster
    for line in (line.strip() for line in log.split("\n")):
        if named := _MAVEN_TEST.match(line):
            names.append(named[1])
        if ended := _MAVEN_RESULT.match(line):
            did = Status.PASSED if ended[1] == "SUCCESS" else Status.FAILED
            if names:
                found[names.popleft()] = did
            else:
                early.append(did)
    found.update(zip(names, early, strict=False))
    return found


def read_gradle(log: str) -> dict[str, Status]:
    """Read ``class > test PASSED``; where other output tore it apart, the status stands on a later line."""
    found: dict[str, Status] = {}
    pending: str | None = None
    for line in (line.strip() for line in log.split("\n")):
        if whole := _GRADLE_WHOLE.fullmatch(line):
            found[whole[1]] = Status(whole[2])
            pending = None
        elif _GRADLE_NAME.fullmatch(line):
            pending = line
        elif pending and line in (Status.PASSED, Status.FAILED):
            found[pending] = Status(line)
            pending = None
    return found


def read_phpunit(log: str) -> dict[str, Status]:
    """Read PHPUnit's ``--testdox``: a suite's line, then its tests' lines, each with a mark."""
    return _joined(_phpunit(log))


def _phpunit(log: str) -> Iterator[Told]:
    suite = "None"
    for line in log.split("\n"):
        if heading := _PHP_SUITE.fullmatch(line):
            suite = heading[1]
        elif test := _PHP_TEST.fullmatch(line):
            yield (suite, test[2]), _PHP_WORDS[test[1]]


def read_karma(log: str) -> dict[str, Status]:
    """Read karma's tree of suites, from its browser's start to its summary; a change of indent moves by one suite."""
    return _joined(_karma(log))


def _karma(log: str) -> Iterator[Told]:
    suites: list[str] = []
    indent = -1
    started = False
    for line in log.split("\n"):
        if line.startswith("SUMMARY:"):
            break
        if "Starting browser" in line:
            started = True
        elif started and (match := _KARMA.fullmatch(line)):
            spaces, mark, name = match.groups()
            if mark:
                yield (*suites, name), Status.PASSED if mark == "✔" else Status.FAILED
            elif spaces and len(spaces) > indent:
                indent = len(spaces)
                suites.append(name)
            elif spaces and len(spaces) < indent:
                indent = len(spaces)
                del suites[-1:]


def read_doctest(log: str) -> dict[str, Status]:
    """Read the XML of doctest (C++): a subcase has passed if every expression in it has."""
    begin = log.find("<doctest")
    end = log.find("</doctest>", begin)
    if begin < 0 or end < 0:
        return {}
    try:
        subcases = _subcases(log[begin:end] + "</doctest>")
    except ParseError:
        return {}
    return _joined((names, Status.PASSED if passed[0] else Status.FAILED) for names, passed in subcases)


def _subcases(text: str) -> list[tuple[tuple[str, str], list[bool]]]:
    """Return each subcase in the order of their beginnings, and whether it passed: a list of one, filled at its end."""
    parser: XMLPullParser[Element] = XMLPullParser(("start", "end"))
    parser.feed(text)
    subcases: list[tuple[tuple[str, str], list[bool]]] = []
    cases: list[str] = []
    passed: list[list[bool]] = [[True]]
    for event, element in cast("Iterator[tuple[str, Element]]", parser.read_events()):
        match event, element.tag:
            case "start", "TestCase":
                cases.append(str(element.get("name")))
            case "end", "TestCase":
                cases.pop()
            case "start", "SubCase" if cases:
                passed.append([True])
                subcases.append(((cases[-1], str(element.get("name"))), passed[-1]))
            case "end", "SubCase" if cases:
                inner = passed.pop()
                passed[-1][0] &= inner[0]
            case "start", "Expression":
                passed[-1][0] &= element.get("success") == "true"
    return subcases


def _joined(told: Iterable[Told]) -> dict[str, Status]:
    """Return ``suite > test`` -> status; nothing where the names would take more room than any honest log's."""
    found: dict[str, Status] = {}
    left = _ROOM
    for names, did in told:
        left -= sum(len(name) + 3 for name in names)
        if left < 0:
            return {}
        found[" > ".join(names)] = did
    return found


MANY_LINES: Mapping[str, Callable[[str], dict[str, Status]]] = {
    "maven": read_maven,
    "gradle_custom": read_gradle,
    "phpunit": read_phpunit,
    "karma": read_karma,
    "doctest": read_doctest,
}
