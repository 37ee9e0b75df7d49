"""Tests and what they did on a tree."""

from __future__ import annotations

import hashlib
from enum import StrEnum
from typing import Literal, Self

from pydantic import BaseModel, ConfigDict

from environments.sandboxes.contract import Result


class Outcome(StrEnum):
    """What one test did on one tree."""

    PASS = "pass"
    FAIL = "fail"
    ERROR = "error"
    TIMEOUT = "timeout"
    MISSING = "missing"
    FLAKY = "flaky"


TestKind = Literal["exit-code", "script", "module", "existing"]
"""How a test says what it found.

``script``: by calling ``issue_present()``, which the harness supplies. ``module``: a test file in the repository's own
framework, an outcome a case. ``existing``: a test that the tree holds already, by its id. ``exit-code``: as scripts of
earlier versions did, by ending with exit code 2; nothing writes such tests any more, but records hold them.
"""

ISSUE_PRESENT = "issue_present"
"""The function that a script calls where it finds the issue."""
FAIL_EXIT = 2
"""The exit code of a script that found the issue; by itself it says so only of an ``exit-code`` test."""


def outcome_of(result: Result, kind: TestKind, *, found_issue: bool, reached_end: bool) -> Outcome:
    """Return what a generated script did, by how it ended.

    It fails where the harness's own function was called (``found_issue``), and passes by exit code 0 if it was seen
    to reach its last line (``reached_end``); everything else is an error or a timeout. Nothing that it prints decides,
    and no exit code says that the issue is there: command line parsers, test runners and Python itself end with 2 too.
    """
    if result.timed_out:
        return Outcome.TIMEOUT
    if result.killed is not None:
        return Outcome.ERROR
    if found_issue or (kind == "exit-code" and result.exit_code == FAIL_EXIT):
        return Outcome.FAIL
    return Outcome.PASS if result.exit_code == 0 and reached_end else Outcome.ERROR


class GeneratedTest(BaseModel):
    """A test written to show the issue: a standalone Python script, or a test file of the repository's framework.

    A script says that the issue is present by calling ``issue_present()``, and that it is fixed by reaching its last
    line; any other end is a broken test. A file fails by a case that fails.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    id: str
    """Hash of the source: the same script is the same test."""
    source: str
    """What is run; of an ``existing`` test only what is shown of it."""
    origin: str
    """Who wrote it: ``issue:0`` (an example of the issue), ``given:0`` (the user's own failing test), or a trajectory
    (``test:0``, ``edit:1``, ``runoff``)."""
    kind: TestKind = "exit-code"
    """Records of before there were kinds hold none: what they hold are ``exit-code`` tests."""
    path: str = ""
    """Of a ``module``: where in the tree it is put for its run; of an ``existing`` test: its id as pytest has it."""

    @classmethod
    def of(cls, source: str, origin: str, kind: TestKind = "script", path: str = "") -> Self:
        """Make a test of a script, or of a test file that is run at ``path``."""
        parts = [source] if kind == "exit-code" else [kind, path, source]
        name = hashlib.sha256("\0".join(parts).encode("utf-8", "surrogatepass")).hexdigest()[:12]
        return cls(id=name, source=source, origin=origin, kind=kind, path=path)


class Execution(BaseModel):
    """One run of one test on one tree."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    outcome: Outcome
    exit_code: int
    output: str
    seconds: float
    cases: tuple[tuple[str, Outcome], ...] = ()
    """Of a ``module`` or an ``existing`` test: its cases and their outcomes, before the base's are weighed in."""
    apart: bool = False
    """Of a script: it was judged by a process that never imported the repository's code."""
