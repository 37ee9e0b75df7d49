"""Tests and what they did on a tree."""

from __future__ import annotations

import hashlib
from enum import StrEnum
from typing import Self

from pydantic import BaseModel, ConfigDict


class Outcome(StrEnum):
    """What one test did on one tree."""

    PASS = "pass"
    FAIL = "fail"
    ERROR = "error"
    TIMEOUT = "timeout"
    MISSING = "missing"
    FLAKY = "flaky"


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
