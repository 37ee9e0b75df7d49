"""What the tests that show a task's issue execute: traced once, kept as ``trace.json``, and what is made of it.

Tests near what they execute are traced too: what passing ones run as well is less suspicious.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from math import inf

from agent.context.traces import TaskTraces, Trace, trace_by_own_runner, trace_case, trace_tests
from agent.context.traces.task_traces import FoundBy
from agent.patch import is_test_path
from agent.scaffolds.scaffold import Executed
from environments.workbench.outcome import GeneratedTest, Outcome
from environments.workbench.workbench import Workbench
from swebench_runs.one_task.context.task_context import FILE as CONTEXT
from swebench_runs.one_task.suite.nearest_tests import nearest_tests
from swebench_runs.one_task.traces_kept import FILE, known_traces
from swebench_runs.one_task.work import Work

MOST_FAILING, MOST_FILES = 2, 3
"""Tests that show the issue, and test files nearby, that are traced."""
PASSING_SECONDS = 20.0
"""What the tests nearby may take under the tracer, together."""
SHARE = 0.05
"""Of the task's time, what they may take at most: the model needs it more."""


def traces_of_examples(work: Work, examples: Sequence[GeneratedTest]) -> TaskTraces | None:
    """Return the traces of the examples that show the issue; None where none does.

    A task whose context was made without traces stays without them here: its prompts are on record.
    """
    known = known_traces(work)
    if known is None and not work.folder.has(CONTEXT):
        known = _traced(work, _failing(work, examples), "examples")
    return known if known is not None and known.found_by == "examples" else None


def traces_of_seeds(work: Work, seeds: Sequence[GeneratedTest]) -> TaskTraces | None:
    """Return the task's traces: those of examples, else of a test that a trajectory wrote; None where there is none."""
    known = known_traces(work)
    if known is None and not work.folder.recorded("edit"):
        known = _traced(work, seeds, "tests")
    return known


def executed_by(work: Work, seeds: Sequence[GeneratedTest]) -> list[Executed]:
    """Return what the tests that reproduce the issue execute, the most suspicious function first."""
    traces = traces_of_seeds(work, seeds)
    return places_to_sample(traces) if traces else []


def places_to_sample(traces: TaskTraces) -> list[Executed]:
    """Return the functions that the first failing test executes, and their lines, the most suspicious first.

    Where it failed comes first, from the innermost frame out; then what the spectrum says, then the source's order.
    """
    scores = {(one.path, one.line): one.score for one in traces.suspects()}
    found = []
    for function, score in traces.functions():
        own = {line: scores.get((function.path, line), 0.0) for line in sorted(function.lines)}
        failure = traces.failing[0].failure
        frames = failure.frames[::-1] if failure else ()
        failed = tuple(dict.fromkeys(one.line for one in frames if one.path == function.path and one.line in own))
        rest = [line for line in sorted(own, key=lambda line: -own[line]) if line not in failed]
        found.append(Executed(function.path, function.name, (*failed, *rest), score, failed))
    return found


def trace_task(bench: Workbench, tests: Sequence[GeneratedTest], found_by: FoundBy, *, most: float = inf) -> TaskTraces:
    """Trace tests that fail on the base, and passing tests nearby; ``bench``: the task's.

    ``most``: seconds that the passing tests may take at most, where the task's time is short.
    """
    files, spec = bench.contents(), bench.task.environment
    failing: list[Trace] = []
    remarks: list[str] = []
    for test in tests[:MOST_FAILING]:
        run = partial(trace_case, test=test, spec=spec, read=files.get, own_seconds=bench.run(test).seconds)
        trace = bench.apart(run)
        remarks += [f"{test.id}: {remark}" for remark in trace.remarks]
        if trace.case:
            failing.append(trace)
        else:
            remarks.append(f"{test.id}: the tracer saw nothing of the tree")
    passing = _passing(bench, tests, failing, seconds=min(PASSING_SECONDS, most)) if failing else []
    return TaskTraces.of(failing, passing, remarks, found_by=found_by)


def _passing(
    bench: Workbench, tests: Sequence[GeneratedTest], failing: Sequence[Trace], *, seconds: float
) -> list[Trace]:
    """Trace passing tests near what failing ones execute."""
    files, spec = bench.contents(), bench.task.environment
    named = [test.path.partition("::")[0] for test in tests if test.kind == "existing"]
    ran = list(dict.fromkeys(one.path for trace in failing for one in trace.case if not is_test_path(one.path)))
    near = nearest_tests(named, ran, files, spec.python_path, bench.task.problem_statement)[:MOST_FILES]
    if not near:
        return []
    tracer = trace_by_own_runner if spec.test_command else trace_tests
    traced = bench.apart(lambda fork: tracer(fork, near, spec, files.get, timeout=seconds))
    return [trace for trace in traced if trace.outcome == Outcome.PASS]


def _traced(work: Work, tests: Sequence[GeneratedTest], found_by: FoundBy) -> TaskTraces | None:
    """Trace and keep; nothing where no test fails."""
    if not tests:
        return None
    with work.stage("traces"):
        traces = trace_task(work.bench, tests, found_by, most=SHARE * work.run.ledger.seconds_left())
        work.folder.write(FILE, traces)
        work.folder.event(
            "traces",
            failing=[trace.test for trace in traces.failing],
            seconds=[round(trace.seconds, 2) for trace in traces.failing],
            functions=[len(trace.case) for trace in traces.failing],
            passing=traces.passing_tests,
            remarks=traces.remarks,
        )
    return traces


def _failing(work: Work, tests: Sequence[GeneratedTest]) -> list[GeneratedTest]:
    runs = work.bench.run_many([(test, None, 0) for test in tests])
    return [test for test, run in zip(tests, runs, strict=True) if run.outcome == Outcome.FAIL]
