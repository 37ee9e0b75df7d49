"""Whether a test executes what it is about: one that fails while none of the repository's code runs shows little."""

from __future__ import annotations

from functools import partial

from agent.context.traces import trace_case
from agent.patch.paths import is_test_path
from agent.trajectory.session import Session
from environments.workbench.outcome import GeneratedTest

_SHOWN = 20
"""Functions on record."""


def executes_code(session: Session, test: GeneratedTest) -> bool:
    """Tell whether a test runs a function of the repository beyond what its imports run; it is on record.

    True as well where no tracer runs, and nothing is known.
    """
    own = session.run(test).seconds

    def perform() -> dict[str, object]:
        files, spec = session.bench.contents(), session.bench.task.environment
        trace = session.bench.apart(partial(trace_case, test=test, spec=spec, read=files.get, own_seconds=own))
        found = [f"{one.path}::{one.name}" for one in trace.case if not is_test_path(one.path)]
        return {"traced": bool(trace.python), "functions": found[:_SHOWN]}

    answer, _ = session.journal.step("reach", {"test": test.id}, perform)
    return bool(answer["functions"]) or not answer["traced"]
