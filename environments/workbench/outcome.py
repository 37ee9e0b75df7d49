"""Tests and what they did on a tree."""

from __future__ import annotations

import hashlib
from enum import StrEnum
from typing import Self

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


FAIL_EXIT = 2
"""The exit code by which a generated test says that the issue is present."""


def outcome_of(result: Result, *, reached_end: bool) -> Outcome:
    """Return what a generated test did, by how its script ended.

    Exit code 2 fails; 0 passes if the script was seen to reach its last line (``reached_end``); everything else is an
    error or a timeout. Nothing that it prints decides.
    """
    if result.timed_out:
        return Outcome.TIMEOUT
    if result.killed is not None:
        return Outcome.ERROR
    if result.exit_code == FAIL_EXIT:
        return Outcome.FAIL
    return Outcome.PASS if result.exit_code == 0 and reached_end else Outcome.ERROR


class GeneratedTest(BaseModel):
    """A standalone Python script written to show the issue.

    Exit 2: the issue is present. Exit 0: it is fixed, which counts only together with the nonce that the
    workbench has the script print after its last line. Anything else: the test itself is broken.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    id: str
    """Hash of the source: the same script is the same test."""
    source: str
    origin: str
    """Who wrote it: ``issue:0`` (an example of the issue), or a trajectory (``test:0``, ``edit:1``, ``runoff``)."""

    @classmethod
    def of(cls, source: str, origin: str) -> Self:
        """Make a test of a script."""
        return cls(id=hashlib.sha256(source.encode()).hexdigest()[:12], source=source, origin=origin)


class Execution(BaseModel):
    """One run of one test on one tree."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    outcome: Outcome
    exit_code: int
    output: str
    seconds: float
