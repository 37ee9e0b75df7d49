"""What was left of a suite that is too long is run on the finalists, and told."""

import contextlib
from types import SimpleNamespace

import pytest

from agent.context.traces import TaskTraces
from agent.patch import make_patch
from environments.sandboxes.lease import NoLease
from environments.workbench.outcome import Outcome
from environments.workbench.suites.suite_run import SuiteState
from environments.workbench.workbench import Workbench
from swebench_runs.one_task.suite.base_suite import BaseSuite
from swebench_runs.one_task.suite.rest_of_suite import FILE, RestOfSuite, run_rest
from swebench_runs.run_folder.task_folder import TaskFolder
from verifiers.ballot import BASE, Ballot, Candidate, Entry
from verifiers.regression import Baseline

FILE_BEFORE = (
    b"def total(prices):\n"
    b'    """Add prices up."""\n'
    b"    result = 0\n"
    b"    for price in prices[1:]:\n"
    b"        result += price\n"
    b"    return result\n"
    b"\n\n"
    b"def discount(price, percent):\n"
    b"    return price - price * percent / 100\n"
)
FIXED = FILE_BEFORE.replace(b"prices[1:]", b"prices")
RIGHT = make_patch({"shop/price.py": FILE_BEFORE}, {"shop/price.py": FIXED})
BREAKS = make_patch({"shop/price.py": FILE_BEFORE}, {"shop/price.py": FIXED.replace(b" * percent", b"")})
PASSING = ("tests/test_near.py::test_near",)


@pytest.fixture
def work(shop, tmp_path):
    """A task whose suite was cut off: one file of it is near, and was run; two others were not."""
    with shop.base.fork() as base:
        base.write("tests/test_near.py", b"def test_near():\n    pass\n")
        base.write("tests/test_apart.py", b"import itertools, pathlib\n\ndef test_apart():\n    assert True\n")
        with Workbench(base, shop.task, record=tmp_path / "e.jsonl", lease=NoLease()) as bench:
            bench.suite_paths = ("tests/test_near.py",)
            notes = []
            yield SimpleNamespace(
                task=shop.task,
                bench=bench,
                folder=TaskFolder(tmp_path / "task"),
                config=SimpleNamespace(suite_budget=120.0),
                progress=SimpleNamespace(note=lambda _, text: notes.append(text)),
                stage=lambda name: contextlib.nullcontext(),
                notes=notes,
            )


def ballot(*patches):
    candidates = [Candidate(id=f"c{number}", patch=patch, cluster=str(number)) for number, patch in enumerate(patches)]
    return Ballot(
        entries=[Entry(id=f"edit-{number}", candidate=one.id) for number, one in enumerate(candidates)],
        candidates=candidates,
        tests=("t",),
        outcomes={"t": {BASE: Outcome.FAIL, **{one.id: Outcome.PASS for one in candidates}}},
        regression_tests=PASSING,
        regressions={one.id: () for one in candidates},
    )


def cut(state=SuiteState.TIMED_OUT):
    return Baseline(passing=PASSING, failing=(), flaky=(), problem=None, state=state)


def test_a_finalist_that_breaks_what_was_not_run_before_is_found_out(work):
    after = run_rest(work, BaseSuite(cut), ballot(BREAKS, RIGHT))
    assert after.regressions == {"c0": ("tests/test_price.py::test_discount",), "c1": ()}
    assert set(after.regression_tests) > {*PASSING, "tests/test_apart.py::test_apart"}
    told = work.folder.read(FILE, RestOfSuite)
    assert told.on_finalists == ("tests/test_price.py", "tests/test_apart.py")
    assert told.not_run == ()
    assert work.folder.read("ballot.json", Ballot) == after
    assert "1 test file run on every patch; 2 test files more on the finalists" in work.notes[0]


def test_without_a_budget_nothing_more_runs_and_what_did_not_is_named(work):
    work.config.suite_budget = 0.0
    before = ballot(RIGHT)
    assert run_rest(work, BaseSuite(cut), before) == before
    assert "2 test files not run: tests/test_price.py, tests/test_apart.py (--suite-budget SECONDS" in work.notes[0]


def test_a_suite_that_ran_whole_has_no_rest(work):
    before = ballot(RIGHT)
    assert run_rest(work, BaseSuite(lambda: cut(SuiteState.RAN)), before) is before
    assert work.notes == []


def test_a_file_that_was_seen_to_execute_the_change_runs_before_one_that_imports_it(work):
    work.config.suite_budget = 0.0
    reached = {"tests/test_apart.py": ("shop/price.py::total",), "tests/test_price.py": ()}
    work.folder.write("trace.json", TaskTraces(reached=reached))
    run_rest(work, BaseSuite(cut), ballot(RIGHT))
    assert work.folder.read(FILE, RestOfSuite).not_run == ("tests/test_apart.py", "tests/test_price.py")
