"""Test reports: the junit XML that pytest writes, read as outcomes by test id.

The report comes out of a sandbox in which a repository's own code ran, so it is hostile: no entities, no document
type, no trust in its size or shape. It is read as a stream: what is kept of it are tests and outcomes, and as much of
what failures printed as is shown.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import NamedTuple
from xml.sax import SAXException
from xml.sax.handler import ContentHandler
from xml.sax.xmlreader import AttributesImpl

from defusedxml import DefusedXmlException
from defusedxml.sax import parseString

from environments.sandboxes.output import Capture
from environments.workbench.outcome import Outcome
from environments.workbench.scripts.script_runner import shorten

MAX_CASES = 200_000
"""More test cases than any suite we know has; a report with more of them is refused."""
MAX_REPORT = 64 << 20
"""Bytes of a report: some 300 for each of as many cases."""
MAX_FAILURES, MAX_FAILURE = 40, 3000
"""How many failures' texts are kept, and how many characters of each."""
_MAX_DEPTH = 64
"""Elements in one another; pytest writes four."""
_MAX_ELEMENTS = 10 * MAX_CASES
"""Of any kind: millions of empty ones take minutes to read."""
_MAX_NAME = 4096
"""Characters of a dotted class name: it is taken apart at each of its dots."""
_MAX_ID = 1 << 16
"""The same of a name with its parameters, which is kept wherever the test is named."""
_MAX_TEXT = 1 << 20
"""Bytes that are kept of what one failure printed while it is read: head and tail."""

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
    return _read(report, files, "testcase", own).outcomes


class Report(NamedTuple):
    """What a whole report says, by test id."""

    outcomes: dict[str, Outcome]
    failures: dict[str, str]
    """What the tests that failed printed, in the order of the report."""
    expected_failures: tuple[str, ...]
    """The tests that failed as they were marked to: their outcome is a pass."""


def read_report(report: bytes, files: Iterable[str]) -> Report:
    """Read a report once; see ``parse_junit``. Raises ReportError."""
    cases = _read(report, files, "testcase")
    return Report(cases.outcomes, cases.failures, tuple(cases.expected_failures))


def parse_failures(report: bytes, files: Iterable[str]) -> dict[str, str]:
    """Return what the tests that failed printed, by test id, in the order of the report. Raises ReportError."""
    return _read(report, files, "testcase").failures


def parse_times(report: bytes, files: Iterable[str], tag: str) -> dict[str, float]:
    """Return the attribute ``time`` of each element of one kind, by test id. Raises ReportError."""
    times = _read(report, files, tag).times
    try:
        return {test: float(text) for test, text in times.items()}
    except ValueError as error:
        raise ReportError(f"The test report has a time that is no number: {error}") from error


def _read(report: bytes, files: Iterable[str], tag: str, own: str = "") -> _Cases:
    if len(report) > MAX_REPORT:
        raise ReportError(f"The test report holds over {MAX_REPORT >> 20} MiB.")
    cases = _Cases(files, tag, own)
    try:
        parseString(report, cases, forbid_dtd=True)
    except DefusedXmlException as error:
        raise ReportError(f"The test report holds forbidden XML: {type(error).__name__}") from error
    except (SAXException, LookupError, ValueError) as error:  # the latter two: an encoding that Python lacks
        raise ReportError(f"The test report is not well-formed XML: {error}") from error
    return cases


class _Cases(ContentHandler):
    """Gathers the cases of a report while it is parsed: elements of one kind, and what stands directly in them."""

    def __init__(self, files: Iterable[str], tag: str, own: str) -> None:
        super().__init__()
        self.outcomes: dict[str, Outcome] = {}
        self.failures: dict[str, str] = {}
        self.expected_failures: dict[str, None] = {}
        self.times: dict[str, str] = {}
        self._modules = {_mangle(path): path for path in files}
        self._tag, self._own = tag, own
        self._seen = self._elements = self._depth = 0
        self._case: str | None = None
        """The id of the case that is being read."""
        self._case_depth = 0
        self._outcome = Outcome.PASS
        self._texts: list[str] = []
        self._child: Mapping[str, str] = {}
        self._text: Capture | None = None

    def startElement(self, name: str, attrs: AttributesImpl) -> None:
        """Take a case, or what a case holds."""
        self._depth += 1
        self._elements += 1
        if self._elements > _MAX_ELEMENTS:
            raise ReportError(f"The test report holds more than {_MAX_ELEMENTS} elements.")
        if self._depth > _MAX_DEPTH:
            raise ReportError(f"The test report nests more than {_MAX_DEPTH} elements.")
        attributes = dict(attrs.items())
        if self._case is None and name == self._tag:
            self._begin(attributes)
        elif self._case is not None and self._depth == self._case_depth + 1:
            self._child, self._text = attributes, Capture(_MAX_TEXT) if name in ("failure", "error") else None
            if name == "skipped" and attributes.get("type") == "pytest.xfail":
                self.expected_failures[self._case] = None
            elif name == "skipped" and self._outcome is Outcome.PASS:
                self._outcome = Outcome.MISSING

    def characters(self, content: str) -> None:
        """Take a piece of text."""
        if self._text is not None and self._depth == self._case_depth + 1:
            self._text.feed(content.encode("utf-8", "replace"))

    def endElement(self, name: str) -> None:
        """Close a case, or what a case holds."""
        if self._case is not None and self._depth == self._case_depth + 1 and self._text is not None:
            self._failed(name, self._text.result().decode(errors="replace"))
            self._text = None
        elif self._case is not None and self._depth == self._case_depth:
            self._end(self._case)
        self._depth -= 1

    def _begin(self, attributes: Mapping[str, str]) -> None:
        self._seen += 1
        if self._seen > MAX_CASES:
            raise ReportError(f"The test report names more than {MAX_CASES} tests.")
        self._case, self._case_depth = _test_id(attributes, self._modules), self._depth
        self._outcome, self._texts = Outcome.PASS, []
        self.times[self._case] = attributes.get("time", "0")

    def _failed(self, kind: str, text: str) -> None:
        """Take a failure or an error, which weighs more than all else of its case."""
        message = self._child.get("message", "")
        broken = kind == "error" or (bool(self._own) and _own_fault(message, text, self._own))
        if self._outcome is not Outcome.ERROR:
            self._outcome = Outcome.ERROR if broken else Outcome.FAIL
        if len(self.failures) < MAX_FAILURES:
            self._texts.append(text or message)

    def _end(self, test: str) -> None:
        known = self.outcomes.get(test, self._outcome)
        self.outcomes[test] = max(known, self._outcome, key=_WORST_LAST.index)
        if self._texts and len(self.failures) < MAX_FAILURES:
            self.failures[test] = shorten("\n".join(self._texts).strip(), MAX_FAILURE)
        self._case = None


def _mangle(path: str) -> str:
    """Write a path as pytest's junitxml plugin does (``_pytest.junitxml.mangle_test_address``)."""
    return re.sub(r"\.py$", "", path).replace("/", ".")


def _test_id(attributes: Mapping[str, str], modules: Mapping[str, str]) -> str:
    classname, name = attributes.get("classname", ""), attributes.get("name", "")
    if len(name) > _MAX_ID:
        raise ReportError(f"The test report has a test's name of over {_MAX_ID} characters.")
    if not classname:  # a module that failed to be collected
        return modules.get(name, name)
    if len(classname) > _MAX_NAME:
        raise ReportError(f"The test report has a class name of over {_MAX_NAME} characters.")
    parts = classname.split(".")
    for end in range(len(parts), 0, -1):
        path = modules.get(".".join(parts[:end]))
        if path is not None:
            return "::".join([path, *parts[end:], name])
    return f"{classname}::{name}"


def _own_fault(message: str, text: str, own: str) -> bool:
    """Tell whether a case failed for a name or an import that its own file has wrong."""
    if not _BROKEN.match(message):
        return False
    places = _PLACE.findall(text)
    return bool(places) and str(places[-1]) == own
