"""From the status of each test to resolved or not (swebench 5.0.2, ``harness/grading.py``)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from enum import StrEnum

from pydantic import BaseModel, ConfigDict

from environments.workbench.test_logs import Status


class _Frozen(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class EvalType(StrEnum):
    """How a test that the log does not name counts."""

    PASS_AND_FAIL = "pass_and_fail"
    """As failed."""
    FAIL_ONLY = "fail_only"
    """As passed: the runner names failures alone."""


class Resolution(StrEnum):
    """How much of the issue a patch resolves."""

    FULL = "RESOLVED_FULL"
    PARTIAL = "RESOLVED_PARTIAL"
    """Some of the failing tests pass now, and none broke."""
    NO = "RESOLVED_NO"


class TestLists(_Frozen):
    """What grades a row."""

    __test__ = False

    fail_to_pass: tuple[str, ...]
    pass_to_pass: tuple[str, ...]
    eval_type: EvalType = EvalType.PASS_AND_FAIL


class Sides(_Frozen):
    """The tests of one list, by whether they did what they should; none is in both."""

    success: tuple[str, ...] = ()
    failure: tuple[str, ...] = ()

    @property
    def share(self) -> float:
        """Share of the tests that did what they should; of none, all."""
        total = len(self.success) + len(self.failure)
        return len(self.success) / total if total else 1.0


class Verdict(_Frozen):
    """What a log means for a row."""

    fail_to_pass: Sides
    pass_to_pass: Sides

    @property
    def resolution(self) -> Resolution:
        """Full where every test of both lists did what it should."""
        if self.pass_to_pass.share < 1 or not self.fail_to_pass.share:
            return Resolution.NO
        return Resolution.FULL if self.fail_to_pass.share == 1 else Resolution.PARTIAL

    @property
    def resolved(self) -> bool:
        """SWE-bench's resolved."""
        return self.resolution is Resolution.FULL


def verdict_of(statuses: Mapping[str, Status], lists: TestLists) -> Verdict:
    """Sort the tests of both lists by what they did.

    A skipped test of PASS_TO_PASS did no harm; a skipped one of FAIL_TO_PASS shows no repair.
    """
    if lists.eval_type is EvalType.FAIL_ONLY:
        failed = {name for name, found in statuses.items() if found is Status.FAILED}
        return Verdict(
            fail_to_pass=_sides(lists.fail_to_pass, set(lists.fail_to_pass) - failed),
            pass_to_pass=_sides(lists.pass_to_pass, set(lists.pass_to_pass) - failed),
        )
    did = {name: _status(name, statuses) for name in (*lists.fail_to_pass, *lists.pass_to_pass)}
    passing = {name for name, found in did.items() if found and found.passing}
    skipped = {name for name, found in did.items() if found is Status.SKIPPED}
    return Verdict(
        fail_to_pass=_sides(lists.fail_to_pass, passing),
        pass_to_pass=_sides(lists.pass_to_pass, passing | skipped),
    )


def _sides(tests: Iterable[str], good: set[str]) -> Sides:
    named = tuple(tests)
    return Sides(
        success=tuple(test for test in named if test in good),
        failure=tuple(test for test in named if test not in good),
    )


def _status(test: str, statuses: Mapping[str, Status]) -> Status | None:
    """Return what a test did; of a name that the data set cut off within its parameters, what all it may mean did.

    676 names in SWE-bench Verified were cut at a blank (swebench issue 290). None where its tests disagree.
    """
    if test in statuses or test.count("[") <= test.count("]"):
        return statuses.get(test)
    meant = [found for name, found in statuses.items() if name.startswith(test)]
    agreed = len({found.passing for found in meant}) == 1
    return meant[0] if agreed else None
