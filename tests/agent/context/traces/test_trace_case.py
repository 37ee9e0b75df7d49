"""Tests are run under the real tracer, in a real sandbox."""

import pytest

from agent.context.traces import suspicious, suspicious_functions, trace_case, trace_tests
from environments.workbench.outcome import GeneratedTest, Outcome

SCRIPT = "from shop import total\nif total([3, 4]) != 7:\n    issue_present()\n"


@pytest.fixture
def traced(shop):
    """Trace a test in a fork of the shop."""

    def trace(test, tracer=trace_case, **options):
        with shop.base.fork() as fork:
            return tracer(fork, test, shop.task.environment, shop.files.get, **options)

    return trace


def names(functions):
    return [one.id for one in functions]


def test_a_script_shows_what_its_case_runs_apart_from_imports(traced):
    trace = traced(GeneratedTest.of(SCRIPT, "issue:0"))
    assert trace.outcome == Outcome.FAIL
    assert names(trace.case) == ["shop/price.py::total"]
    assert trace.case[0].lines == (3, 4, 5, 6)
    assert trace.case[0].examples[0].text == "(prices=[3, 4]) returned 4"
    assert {one.id for one in trace.functions if one.phase == "import"} == {
        "shop/__init__.py::<module>",
        "shop/price.py::<module>",
    }
    assert not trace.remarks


def test_the_tests_of_a_file_are_told_apart(traced):
    traces = traced(["tests/test_price.py"], trace_tests)
    assert [(one.test, one.outcome) for one in traces] == [
        ("tests/test_price.py::test_discount", Outcome.PASS),
        ("tests/test_price.py::test_total_of_nothing", Outcome.PASS),
    ]
    assert "shop/price.py::discount" in names(traces[0].case)
    assert "shop/price.py::discount" not in names(traces[1].case)


def test_what_passing_tests_run_too_is_less_suspicious(traced):
    failing = traced(GeneratedTest.of(SCRIPT, "issue:0"))
    passing = traced(["tests/test_price.py"], trace_tests)
    lines = suspicious(failing, passing)
    assert [one.line for one in lines] == [5, 3, 4, 6]
    assert [(one.id, score > 1) for one, score in suspicious_functions(failing, passing)] == [
        ("shop/price.py::total", True)
    ]
