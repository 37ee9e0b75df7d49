"""What tests executed, as a person reads it; names out of a sandbox stay on their line."""

import pytest

from agent.context.traces import ExecutedFunction, Failure, TaskTraces, Trace
from environments.workbench.outcome import Outcome
from swebench_runs.after_run.execution_shown import execution_told


def function(number, path="shop.py"):
    return ExecutedFunction(path=path, name=f"f{number}", line=number, lines=(number,), phase="case", depth=1, calls=2)


def traced(*functions, remarks=(), **more):
    trace = Trace(test="example-1", outcome=Outcome.FAIL, functions=functions, seconds=1.26, **more)
    return TaskTraces.of([trace], [], remarks)


def test_a_trace_is_told_with_its_cost_its_failure_and_its_functions():
    failure = Failure(exception="ValueError", message="bad \x1b[2J\nprice", frames=())
    test, nearby, first, *others = execution_told(traced(function(3), function(5), python="3.9", failure=failure))
    assert test == r"example-1: fail, 1.3 s by sys.settrace, Python 3.9; 2 functions; ValueError: bad \x1b[2J price"
    assert nearby == "0 passing tests nearby traced too"
    assert first.startswith("1. shop.py::f")
    assert first.endswith(", 1 line run, 2 calls")
    assert len(others) == 1


@pytest.mark.parametrize(("python", "tracer"), [("3.12", "sys.monitoring"), ("3.11", "sys.settrace"), ("4.0", "sys.m")])
def test_the_tracer_is_the_one_that_its_python_has(python, tracer):
    assert f"by {tracer}" in next(execution_told(traced(function(1), python=python)))


def test_few_functions_and_remarks_of_many_are_told():
    lines = list(execution_told(traced(*map(function, range(1, 31)), remarks=[f"cut {n}" for n in range(8)])))
    assert "and 20 functions more" in lines
    assert lines[-2:] == ["not whole: cut 4", "and 3 remarks more"]
    assert len(lines) == 2 + 10 + 1 + 5 + 1


def test_names_out_of_a_sandbox_cannot_steer_a_terminal():
    *_, told = execution_told(traced(function(1, path="a\n\x1b]0;b\u202e.py")))
    assert told.isprintable()


def test_where_nothing_was_traced_that_is_told():
    assert list(execution_told(TaskTraces())) == ["no test that shows the issue could be traced"]
