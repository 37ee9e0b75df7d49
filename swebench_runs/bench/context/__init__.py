"""Does the context show what the right patch changes? Grading data is read here; no agent sees a figure of it."""

from swebench_runs.bench.context.measure import measure_context

__all__ = ["measure_context"]
