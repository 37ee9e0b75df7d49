"""What a test executes of a tree: traced once, in a sandbox, and where in it a fault may be.

``trace_case(fork, test, spec, read)`` gives a `Trace`; ``suspicious(trace, passing)`` the lines, most suspicious first.
``TaskTraces`` is what a task keeps of several. The tracer itself is ``inside/``. Start at ``trace.py``.
"""

from agent.context.traces.own_runner import trace_by_own_runner
from agent.context.traces.spectrum import Suspect, suspicious, suspicious_functions
from agent.context.traces.task_traces import TaskTraces
from agent.context.traces.trace import Call, ExecutedFunction, Failure, Frame, Trace
from agent.context.traces.tracing import trace_case, trace_tests

__all__ = [
    "Call",
    "ExecutedFunction",
    "Failure",
    "Frame",
    "Suspect",
    "TaskTraces",
    "Trace",
    "suspicious",
    "suspicious_functions",
    "trace_by_own_runner",
    "trace_case",
    "trace_tests",
]
