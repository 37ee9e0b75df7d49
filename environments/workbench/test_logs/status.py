"""The words that test runners have for what a test did."""

from __future__ import annotations

from enum import StrEnum


class Status(StrEnum):
    """What one test did, in the words of pytest's summary."""

    PASSED = "PASSED"
    FAILED = "FAILED"
    SKIPPED = "SKIPPED"
    ERROR = "ERROR"
    XFAIL = "XFAIL"

    @property
    def passing(self) -> bool:
        """Whether it counts as passed: an expected failure does."""
        return self in (Status.PASSED, Status.XFAIL)


def status(word: str) -> Status | None:
    """Return the status that a word is; None where it is none."""
    return Status.__members__.get(word)
