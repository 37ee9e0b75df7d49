"""What one run of a repository's existing tests told."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from enum import StrEnum
from types import MappingProxyType

from pydantic import BaseModel, ConfigDict

from environments.workbench.contraries.sent import Said
from environments.workbench.outcome import Outcome

SUITE = "suite"
"""What the whole of the existing tests is called on the record."""
NO_CHANGES: Mapping[str, bytes] = MappingProxyType({})


def part_name(paths: Sequence[str], changed: Mapping[str, bytes] = NO_CHANGES) -> str:
    """Return what a part of the existing tests is called on the record: by its files, and those that are changed."""
    named = hashlib.sha256(chr(0).join(paths).encode("utf-8", "surrogateescape"))
    for path, content in sorted(changed.items()):
        named.update(b"\0\0" + path.encode("utf-8", "surrogateescape") + b"\0" + content)
    return f"{SUITE} of {named.hexdigest()[:16]}"


class SuiteState(StrEnum):
    """How a run of the existing tests ended."""

    RAN = "ran"
    """To its end; some files may be left out, see ``left_out``."""
    NO_TESTS = "no tests"
    NOT_COLLECTED = "cannot be collected"
    """There are tests, and none of them can be collected."""
    TIMED_OUT = "timed out"
    CRASHED = "crashed"
    NOT_RUN = "not run"
    """The patch does not apply, or no test was chosen."""


class SuiteRun(BaseModel):
    """One run of the existing tests on one tree."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    outcomes: dict[str, Outcome]
    """By test id, ``path::Class::test[param]``; a test that is not in it is missing."""
    problem: str | None
    """Why there is no whole report (timeout, crash, a patch that does not apply); None when there is one."""
    exit_code: int
    output: str
    seconds: float
    state: SuiteState = SuiteState.RAN
    left_out: dict[str, str] = {}
    """Test files, or folders of them, that cannot be collected or end the whole run -> why, in one line."""
    in_time: tuple[str, ...] = ()
    """Of a run that was cut off by its time: the test files that had ended within half of it."""
    remarks: tuple[str, ...] = ()
    """What had to be set aside for it to run at all, a line each."""

    failures: dict[str, str] = {}
    """What tests that failed printed, by test id, as far as it is known: at most so many, each by head and tail."""
    expected_failures: tuple[str, ...] = ()
    """Of those that pass: the ones that failed as they were marked to, where a whole report says so."""
    supervised: bool = False
    """What the tests did is the word of a process that watched over the run (``supervised``), of no file and no log."""
    changed: tuple[str, ...] = ()
    """Functions and classes of the test runner, and built in ones, that became others while it ran; supervised only."""
    answers: dict[int, Said] = {}
    """Where answers were withheld: what the assertions came to, by number; those not reached are not there."""

    def outcome(self, test: str) -> Outcome:
        """Return what a test did; missing when the report does not name it."""
        return self.outcomes.get(test, Outcome.MISSING)
