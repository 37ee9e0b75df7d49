"""One table for everything that can happen to an evaluation: is it tried again, does it count, is the task sound?

Peers spread this over their code, and count a failed pull as a failed patch. Here what the machine does wrong never
counts against a patch, and what a patch does wrong is never tried again until it happens to pass.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Literal


class Incident(StrEnum):
    """How an evaluation ended."""

    TESTS_RAN = "tests_ran"
    EMPTY_PATCH = "empty_patch"
    PATCH_APPLY_FAILED = "patch_apply_failed"
    TESTS_TIMED_OUT = "tests_timed_out"
    TESTS_OUT_OF_MEMORY = "tests_out_of_memory"
    TESTS_OUT_OF_DISK = "tests_out_of_disk"
    LOG_TELLS_NOTHING = "log_tells_nothing"
    TAMPERED = "tampered"
    """The patch steers the tests: what they say is not evidence."""
    ROW_UNUSABLE = "row_unusable"
    """The row's own test patch does not apply, or nobody reads its repository's logs."""
    IMAGE_MISSING = "image_missing"
    IMAGE_PULL_FAILED = "image_pull_failed"
    IMAGE_BUILD_FAILED = "image_build_failed"
    SANDBOX_FAILED = "sandbox_failed"
    ENGINE_UNREACHABLE = "engine_unreachable"
    HOST_DISK_FULL = "host_disk_full"


@dataclass(frozen=True)
class Policy:
    """What follows from an incident."""

    retry: bool
    """Worth trying again by itself, a bounded number of times."""
    grade: Literal["by_tests", "unresolved", "not_evaluated"]
    """What the task's outcome is if it stays that way."""
    valid: bool
    """Whether the task can be judged at all in this place; false: it is missing from the figures, and named."""
    report: bool
    """Whether the official harness would leave a ``report.json`` (without one it counts an error)."""


_BY_TESTS = Policy(retry=False, grade="by_tests", valid=True, report=True)
_PATCHS_FAULT = Policy(retry=False, grade="unresolved", valid=True, report=False)
_PATCHS_FAULT_REPORTED = Policy(retry=False, grade="unresolved", valid=True, report=True)
_PASSING = Policy(retry=True, grade="not_evaluated", valid=True, report=False)
_LASTING = Policy(retry=False, grade="not_evaluated", valid=False, report=False)

POLICIES: Mapping[Incident, Policy] = {
    Incident.TESTS_RAN: _BY_TESTS,
    Incident.EMPTY_PATCH: _PATCHS_FAULT,
    Incident.PATCH_APPLY_FAILED: _PATCHS_FAULT,
    Incident.TESTS_TIMED_OUT: _PATCHS_FAULT,
    Incident.TESTS_OUT_OF_MEMORY: _PATCHS_FAULT_REPORTED,
    Incident.TESTS_OUT_OF_DISK: _PATCHS_FAULT_REPORTED,
    Incident.LOG_TELLS_NOTHING: _PATCHS_FAULT_REPORTED,
    Incident.TAMPERED: _PATCHS_FAULT_REPORTED,
    Incident.ROW_UNUSABLE: _LASTING,
    Incident.IMAGE_MISSING: _LASTING,
    Incident.IMAGE_PULL_FAILED: _PASSING,
    Incident.IMAGE_BUILD_FAILED: _LASTING,
    Incident.SANDBOX_FAILED: _PASSING,
    Incident.ENGINE_UNREACHABLE: _PASSING,
    Incident.HOST_DISK_FULL: _PASSING,
}
