"""SWE-bench's own definition of resolved, as pure functions over a log and a row's test lists.

Equal to the verdicts of swebench 4.1.0 and 5.0.2 where those agree, and to 5.0.2's where it mended 4.1.0: skipped
tests, names that the data sets cut off, logs that do not describe the run that happened. Stricter than both towards
logs that somebody wrote into: see ``evaluation_log``.
"""

from __future__ import annotations

from swebench_runs.official.evaluation_log import LogReading, read_log
from swebench_runs.official.verdict import EvalType, Resolution, TestLists, Verdict, verdict_of

__all__ = ["EvalType", "LogReading", "Resolution", "TestLists", "Verdict", "read_log", "verdict_of"]
