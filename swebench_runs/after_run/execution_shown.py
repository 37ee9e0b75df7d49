"""What tests executed of a task's tree (``trace.json``), as a person reads it in the terminal."""

from __future__ import annotations

from collections.abc import Iterator

from agent.context.traces import TaskTraces, Trace
from environments.text import amount, one_line

_MOST_FUNCTIONS, _MOST_REMARKS = 10, 5


def execution_told(traces: TaskTraces) -> Iterator[str]:
    """Yield lines: the tests that were traced, at what cost, then the most suspicious functions that they ran.

    Names come out of a sandbox: each line is one line, whatever they hold.
    """
    if not traces.failing:
        yield "no test that shows the issue could be traced"
    for trace in traces.failing:
        yield one_line(_trace(trace))
    if traces.failing:
        yield f"{amount(traces.passing_tests, 'passing test')} nearby traced too"
    functions = traces.functions()
    for place, (function, score) in enumerate(functions[:_MOST_FUNCTIONS], start=1):
        own = amount(len(function.lines), "line")
        yield one_line(f"{place}. {function.id}: suspicion {score:.2f}, {own} run, {amount(function.calls, 'call')}")
    if len(functions) > _MOST_FUNCTIONS:
        yield f"and {amount(len(functions) - _MOST_FUNCTIONS, 'function')} more"
    for remark in traces.remarks[:_MOST_REMARKS]:
        yield one_line(f"not whole: {remark}")
    if len(traces.remarks) > _MOST_REMARKS:
        yield f"and {amount(len(traces.remarks) - _MOST_REMARKS, 'remark')} more"


def _trace(trace: Trace) -> str:
    by = f"{trace.tracer}, Python {trace.python}" if trace.python else "no tracer told its version"
    told = f"{trace.test}: {trace.outcome.value}, {trace.seconds:.1f} s by {by}; {amount(len(trace.case), 'function')}"
    failure = trace.failure
    return f"{told}; {failure.exception}: {failure.message}" if failure else told
