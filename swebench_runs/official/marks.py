"""The lines by which a log says what happened: SWE-bench's own, so that either side reads the other's logs."""

from __future__ import annotations

START = ">>>>> Start Test Output"
END = ">>>>> End Test Output"
EXIT_CODE = ">>>>> Test Exit Code"
"""Followed by a colon and the exit code of the test command; stands after the end mark."""

APPLY_FAILED = ">>>>> Patch Apply Failed"
RESET_FAILED = ">>>>> Reset Failed"
TESTS_ERRORED = ">>>>> Tests Errored"
TESTS_TIMED_OUT = ">>>>> Tests Timed Out"

FAILURES = (APPLY_FAILED, RESET_FAILED, TESTS_ERRORED, TESTS_TIMED_OUT)
"""Marks that make a log worthless, wherever they stand."""
