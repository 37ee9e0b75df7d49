"""Tests are run under the real tracer, in a real sandbox."""

import pytest

from agent.context.traces import suspicious, suspicious_functions, trace_case, trace_tests
from environments.workbench.outcome import GeneratedTest, Outcome

SCRIPT = "from shop import total\nif total([3, 4]) != 7:\n    issue_present()\n"


@pytest.fixture(scope="module")
def failing(shop):
    with shop.base.fork() as fork:
        return trace_case(fork, GeneratedTest.of(SCRIPT, "issue:0"), shop.task.environment, shop.files.get)


@pytest.fixture(scope="module")
def passing(shop):
    with shop.base.fork() as fork:
        return trace_tests(fork, ["tests/test_price.py"], shop.task.environment, shop.files.get)


def names(functions):
    return [one.id for one in functions]


def test_a_script_shows_what_its_case_runs_apart_from_imports(failing):
    assert failing.outcome == Outcome.FAIL
    assert names(failing.case) == ["shop/price.py::total"]
    assert failing.case[0].lines == (3, 4, 5, 6)
    assert failing.case[0].examples[0].text == "(prices=[3, 4]) returned 4"
    assert {one.id for one in failing.functions if one.phase == "import"} == {
        "shop/__init__.py::<module>",
        "shop/price.py::<module>",
    }
    assert not failing.remarks


def test_the_tests_of_a_file_are_told_apart(passing):
    assert [(one.test, one.outcome) for one in passing] == [
        ("tests/test_price.py::test_discount", Outcome.PASS),
        ("tests/test_price.py::test_total_of_nothing", Outcome.PASS),
    ]
    assert "shop/price.py::discount" in names(passing[0].case)
    assert "shop/price.py::discount" not in names(passing[1].case)


def test_what_passing_tests_run_too_is_less_suspicious(failing, passing):
    assert [one.line for one in suspicious(failing, passing)] == [5, 3, 4, 6]
    ranked = suspicious_functions(failing, passing)
    assert [(one.id, score > 1) for one, score in ranked] == [("shop/price.py::total", True)]
