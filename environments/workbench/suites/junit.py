"""Test reports: the junit XML that pytest writes, read as outcomes by test id.

The report comes out of a sandbox in which a repository's own code ran, so it is hostile: no entities, no document
type, no trust in its size or shape.
"""

from __future__ import annotations

import io
import re
from collections.abc import Iterable, Iterator, Mapping
from xml.etree.ElementTree import Element, ParseError

from defusedxml import DefusedXmlException
from defusedxml.ElementTree import iterparse

from environments.workbench.outcome import Outcome
from environments.workbench.scripts.script_runner import shorten

MAX_CASES = 200_000
"""More test cases than any suite we know has; a report with more of them is refused."""

MAX_FAILURES, MAX_FAILURE = 40, 3000
"""How many failures' texts are kept, and how many characters of each."""

_BROKEN = re.compile(r"(NameError|ImportError|ModuleNotFoundError|SyntaxError|IndentationError)\b")
_PLACE = re.compile(r"^(\S+):\d+: ", re.MULTILINE)
"""A line of a short traceback that names a place."""

_WORST_LAST = (Outcome.PASS, Outcome.MISSING, Outcome.FAIL, Outcome.ERROR)


class ReportError(Exception):
    """The report cannot be read; the message says why."""


def parse_junit(report: bytes, files: Iterable[str], *, own: str = "") -> dict[str, Outcome]:
    """Return the outcome of each test of a pytest report, by id (``path::Class::test[param]``).

    ``files``: the tree's files, by which a dotted class name is taken apart into path and classes. A skipped test
    is missing (it did not run); one that fails as expected passes. A test that is reported more than once (its
    teardown failed, subtests, a rerun) has the worst of its outcomes; a module that cannot be collected appears
    under its own path as an error. ``own``: a test file that is itself on trial: a case of it errs where a name or an
    import of its own is wrong, instead of failing. Raises ReportError.
    """
    outcomes: dict[str, Outcome] = {}
    for test, element in _elements(report, files, "testcase"):
        _add(outcomes, test, _outcome(element, own))
    return outcomes


def parse_failures(report: bytes, files: Iterable[str]) -> dict[str, str]:
    """Return what the tests that failed printed, by test id, in the order of the report. Raises ReportError."""
    found: dict[str, str] = {}
    for test, element in _elements(report, files, "testcase"):
        texts = [child.text or child.get("message") or "" for child in element if child.tag in ("failure", "error")]
        if texts and len(found) < MAX_FAILURES:
            found[test] = shorten("\n".join(texts).strip(), MAX_FAILURE)
    return found


def parse_times(report: bytes, files: Iterable[str], tag: str) -> dict[str, float]:
    """Return the attribute ``time`` of each element of one kind, by test id. Raises ReportError."""
    found = {}
    for test, element in _elements(report, files, tag):
        try:
            found[test] = float(element.get("time", "0"))
        except ValueError as error:
            raise ReportError(f"The test report has a time that is no number: {error}") from error
    return found


def _elements(report: bytes, files: Iterable[str], tag: str) -> Iterator[tuple[str, Element]]:
    """Yield each element of one kind with the id of its test; it is emptied afterwards."""
    modules = {_mangle(path): path for path in files}
    seen = 0
    try:
        for _, element in iterparse(io.BytesIO(report), forbid_dtd=True):
            if element.tag != tag:
                continue
            yield _test_id(element.attrib, modules), element
            element.clear()
            seen += 1
            if seen > MAX_CASES:
                raise ReportError(f"The test report names more than {MAX_CASES} tests.")
    except DefusedXmlException as error:
        raise ReportError(f"The test report holds forbidden XML: {type(error).__name__}") from error
    except (ParseError, LookupError, ValueError) as error:  # the latter two: an encoding that Python lacks
        raise ReportError(f"The test report is not well-formed XML: {error}") from error


def _mangle(path: str) -> str:
    """Write a path as pytest's junitxml plugin does (``_pytest.junitxml.mangle_test_address``)."""
    return re.sub(r"\.py$", "", path).replace("/", ".")


def _test_id(attributes: Mapping[str, str], modules: Mapping[str, str]) -> str:
    classname, name = attributes.get("classname", ""), attributes.get("name", "")
    if not classname:  # a module that failed to be collected
        return modules.get(name, name)
    parts = classname.split(".")
    for end in range(len(parts), 0, -1):
        path = modules.get(".".join(parts[:end]))
        if path is not None:
            return "::".join([path, *parts[end:], name])
    return f"{classname}::{name}"


def _outcome(case: Element, own: str) -> Outcome:
    found = Outcome.PASS
    for child in case:
        if child.tag == "error":
            return Outcome.ERROR
        if child.tag == "failure":
            found = Outcome.ERROR if own and _own_fault(child, own) else Outcome.FAIL
        elif child.tag == "skipped" and child.get("type") != "pytest.xfail" and found is Outcome.PASS:
            found = Outcome.MISSING
    return found


def _own_fault(failure: Element, own: str) -> bool:
    """Tell whether a case failed for a name or an import that its own file has wrong."""
    if not _BROKEN.match(failure.get("message", "")):
        return False
    places = _PLACE.findall(failure.text or "")
    return bool(places) and str(places[-1]) == own


def _add(outcomes: dict[str, Outcome], test: str, outcome: Outcome) -> None:
    known = outcomes.get(test, outcome)
    outcomes[test] = max(known, outcome, key=_WORST_LAST.index)
