"""Which functions of a task's tree its reproduction executes: where samples change the code."""

from __future__ import annotations

from collections.abc import Sequence

from agent.context.traces import suspicious_functions, trace_case
from environments.workbench.outcome import GeneratedTest
from swebench_runs.one_task.work import Work

Executed = tuple[str, str, frozenset[int], float]
"""A function: its path, its qualified name, the lines of its file that were executed, and how suspicious it is."""


def executed_by(work: Work, seeds: Sequence[GeneratedTest]) -> list[Executed]:
    """Return what the first of the tests that reproduce the issue executes, the most suspicious function first."""
    if not seeds:
        return []
    with work.run.shared.lease.tests(), work.run.base.fork() as fork:
        trace = trace_case(fork, seeds[0], work.task.environment, work.bench.contents().get)
    for remark in trace.remarks:
        work.folder.event("trace", remark=remark)
    found = suspicious_functions(trace)
    return [(function.path, function.name, frozenset(function.lines), score) for function, score in found]
