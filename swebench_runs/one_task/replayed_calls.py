"""Calls of changed functions by nearby tests, on the base and on every candidate (DESIGN 6c): what they come to.

Calls are not taken out of their tests and made anew, for most arguments cannot be: the tests that make them are run
again on every tree, under a recorder, and equal calls are compared.
"""

from __future__ import annotations

from functools import partial

from swebench_runs.one_task.suite.nearest_tests import nearest_tests
from swebench_runs.one_task.work import Work
from verifiers.ballot import Ballot
from verifiers.calls import Calls, changed_functions, record_calls, rows_of_calls

MOST_FILES = 2
SECONDS = 20.0
"""Of one recorded run. On the base it must take no more than half of it, else nothing is recorded."""


def with_calls(work: Work, ballot: Ballot) -> Ballot:
    """Return the ballot with what calls of changed functions come to, where nearby tests make any in time."""
    bench, spec = work.bench, work.task.environment
    functions = changed_functions([one.patch for one in ballot.candidates], bench.read)
    near = bench.suite_paths or nearest_tests(
        (), list(functions), bench.contents(), spec.python_path, work.task.problem_statement
    )
    paths = near[:MOST_FILES]
    if not functions or not paths:
        return ballot
    run = partial(record_calls, spec=spec, paths=paths, functions=functions, seconds=SECONDS)
    base: list[Calls] = []
    for _ in range(2):
        one = bench.apart(run)
        if one is None or one.seconds > SECONDS / 2 or not one.outcomes:
            why = "no call" if one is not None and not one.outcomes else "they take too long"
            work.folder.event("calls", files=paths, recorded=0, left_out=why)
            return ballot
        base.append(one)
    found = {one.id: calls.outcomes for one in ballot.candidates if (calls := bench.apart(run, one.patch)) is not None}
    rows = rows_of_calls(base[0].outcomes, base[1].outcomes, found)
    work.folder.event("calls", files=paths, recorded=len(base[0].outcomes), rows=len(rows), seconds=base[0].seconds)
    return ballot.model_copy(update={"calls": rows})
