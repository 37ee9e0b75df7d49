"""A plugin for pytest that tells of each test as it ends, in pieces of junit XML: see ``pytest_stream``.

It runs inside a sandbox, with whatever Python (3.6 and later) and pytest the repository has: it imports nothing of
Runoff's, and is written down there by its text.
"""

import os
import re
import time
from typing import Any
from xml.sax.saxutils import quoteattr

_BEGAN = time.monotonic()
_FOUND: "dict[str, str]" = {}
_ODD = re.compile("[^\t\n\r -~\x80-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def _code(found: Any) -> str:
    """Write a character that XML cannot hold as pytest's own report does."""
    number = ord(found.group())
    return f"#x{number:02X}" if number <= 0xFF else f"#x{number:04X}"


def _attributes(nodeid: str) -> str:
    """Name a test as pytest's own report does, so that its id is the same."""
    path, bracket, parameters = nodeid.partition("[")
    parts = path.split("::")
    parts[0] = re.sub(r"\.py$", "", parts[0].replace("/", "."))
    parts[-1] += bracket + parameters
    parts = [_ODD.sub(_code, part) for part in parts]
    classname, name = quoteattr(".".join(parts[:-1])), quoteattr(parts[-1])
    return f"classname={classname} name={name} time='{time.monotonic() - _BEGAN:.3f}'"


def _tell(line: str) -> None:
    stream = os.open(__file__ + ".stream", os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
    os.write(stream, (line + "\n").encode("utf-8", "replace"))
    os.close(stream)


def pytest_runtest_logstart(nodeid: str, location: Any) -> None:
    """Tell that a test begins."""
    _tell(f"<started {_attributes(nodeid)}/>")


def pytest_runtest_logreport(report: Any) -> None:
    """Tell of a test once it is taken down, by what its parts did."""
    if report.skipped:
        found = "<skipped type='pytest.xfail'/>" if hasattr(report, "wasxfail") else "<skipped/>"
    else:
        found = "" if report.passed else "<failure/>" if report.when == "call" else "<error/>"
    _FOUND[report.nodeid] = _FOUND.get(report.nodeid, "") + found
    if report.when == "teardown":
        _tell(f"<testcase {_attributes(report.nodeid)}>{_FOUND.pop(report.nodeid)}</testcase>")


def pytest_collectreport(report: Any) -> None:
    """Tell what cannot be collected."""
    if report.failed:
        _tell(f"<testcase {_attributes(report.nodeid)}><error/></testcase>")
