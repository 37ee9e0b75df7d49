"""What executions say of places, and what a context makes of it."""

import pytest

from agent.context import build_context, estimate_tokens
from agent.context.traces import Call, ExecutedFunction, Failure, Frame, TaskTraces, Trace, suspicious, task_traces
from agent.context.traces.shown import calls_text
from environments.workbench.outcome import Outcome

HELPER = "def helper(x):\n    if x:\n        return 1\n    return 2\n\n\n"
LONG = "def long_one(x):\n" + "".join(f"    value_{n} = x + {n}\n" for n in range(200)) + "    return value_3\n\n\n"
NESTED = "def outer(x):\n    y = x\n\n    def inner():\n        return y\n\n    return inner()\n\n\n"
NOISE = "".join(f"def parse_{n}(text):\n    return parse(text, {n})\n\n\n" for n in range(60))
FILES = {"shop.py": (HELPER + LONG + NESTED + NOISE).encode()}
AT = {"helper": 1, "long_one": 7, "outer": 211, "outer.inner": 214}


def function(name, lines, *, depth=1, phase="case", examples=()):
    return ExecutedFunction(
        path="shop.py", name=name, line=AT[name], lines=lines, phase=phase, depth=depth, examples=examples
    )


def trace(*functions, failure=None, test="t"):
    return Trace(test=test, outcome=Outcome.FAIL, functions=functions, failure=failure)


def test_what_passing_tests_run_too_is_less_suspicious():
    failing = trace(function("helper", (2, 4)), function("long_one", (8, 9)))
    passing = [trace(function("helper", (2, 3))), trace(function("helper", (2, 3)))]
    assert [one.line for one in suspicious(failing, passing)] == [4, 8, 9, 2]


def test_where_the_exception_came_from_is_most_suspicious():
    frames = (Frame(path="shop.py", line=2, function="helper"), Frame(path="shop.py", line=9, function="long_one"))
    failing = trace(
        function("helper", (2,)),
        function("long_one", (9,), depth=2),
        failure=Failure(exception="E", message="", frames=frames),
    )
    assert [one.name for one in suspicious(failing)] == ["long_one", "helper"]


def test_what_was_executed_comes_first_with_its_values():
    call = Call(arguments={"x": "0"}, returned="2")
    executed = TaskTraces.of([trace(function("helper", (2, 4), examples=(call,)))], [])
    plain = build_context("`parse_7` and `parse_8` are wrong", FILES, budget_tokens=600)
    found = build_context("`parse_7` and `parse_8` are wrong", FILES, budget_tokens=600, executed=executed)
    assert plain.symbols[0].name == "parse_7"
    assert found.symbols[0].name == "helper"
    assert "shop.py::helper(x=0) returned 2" in found.text
    assert (plain.executed, found.executed) == ((), ("t",))


@pytest.mark.parametrize("budget", [30, 120, 400, 1500, 4500])
def test_a_long_function_is_shown_by_the_lines_that_ran(budget):
    executed = TaskTraces.of([trace(function("long_one", (8, 60, 208)))], [])
    found = build_context("`parse_7` is wrong", FILES, budget_tokens=budget, executed=executed)
    assert found.tokens == estimate_tokens(found.text) <= budget
    assert "long_one" not in {symbol.name for symbol in found.symbols}
    if budget >= 400:
        assert "    value_52 = x + 52\n" in found.text
        assert "value_100" not in found.text


def test_a_function_within_a_function_is_shown_with_it():
    executed = TaskTraces.of([trace(function("outer", (212, 217)), function("outer.inner", (215,), depth=2))], [])
    found = build_context("`inner`", FILES, budget_tokens=600, executed=executed)
    assert found.symbols[0].name == "outer"


def test_what_ran_only_at_an_import_comes_after_the_case():
    executed = TaskTraces.of([trace(function("helper", (2,), phase="import"), function("outer", (212,)))], [])
    found = build_context("anything", FILES, budget_tokens=600, executed=executed)
    assert [symbol.name for symbol in found.symbols][:2] == ["outer", "helper"]


def test_what_passing_tests_run_is_kept_as_counts():
    ran = trace(function("helper", (2, 4)))
    passing = [trace(function("helper", (2, 3)), function("outer", (212,)))] * 3
    kept = TaskTraces.model_validate_json(TaskTraces.of([ran], passing).model_dump_json())
    assert (kept.passing_tests, kept.passing) == (3, {"shop.py": {2: 3}})
    assert [one.line for one in kept.suspects()] == [4, 2]


def test_values_are_kept_of_the_most_suspicious_alone(monkeypatch):
    monkeypatch.setattr(task_traces, "MOST_VALUED", 1)
    call = (Call(arguments={"x": "0"}, returned="2"),)
    ran = trace(function("outer", (212,), depth=3, examples=call), function("helper", (2,), examples=call))
    kept = TaskTraces.of([ran], []).failing[0]
    assert [(one.name, bool(one.examples)) for one in kept.functions] == [("outer", False), ("helper", True)]


def test_no_more_functions_are_kept_than_the_bound(monkeypatch):
    monkeypatch.setattr(task_traces, "MOST_FUNCTIONS", 1)
    ran = trace(function("outer", (212,)).model_copy(update={"caller": 1}), function("helper", (2,)))
    kept = TaskTraces.of([ran], []).failing[0]
    assert [(one.name, one.caller) for one in kept.functions] == [("outer", -1)]
    assert kept.remarks == ("of 2 functions 1 are kept",)


@pytest.mark.parametrize("room, shown", [(20, 0), (55, 1), (400, 3)])
def test_as_many_calls_are_shown_as_fit(room, shown):
    call = (Call(arguments={"x": "[1, 2, 3, 4, 5, 6]"}, returned="'a result'"),)
    ran = [function(name, (line + 1,), examples=call) for name, line in list(AT.items())[:3]]
    text = calls_text(TaskTraces.of([trace(*ran)], []), room, estimate_tokens)
    assert text.count(" returned ") == shown
    assert estimate_tokens(text) <= room
