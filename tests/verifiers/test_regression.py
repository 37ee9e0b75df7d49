import json
import re

from environments.sandboxes.bubblewrap.host_root import SITE_PACKAGES
from environments.task import EnvironmentSpec
from environments.workbench.outcome import Outcome
from environments.workbench.suites.suite_run import SuiteState
from verifiers.ballot import Candidate
from verifiers.regression import Baseline, baseline, regressions

G, GROWS, BROKEN = "test_pkg.py::test_g", "test_pkg.py::test_f_grows", "test_pkg.py::test_already_broken"


def test_the_baseline_is_what_passes_twice(make_bench):
    with make_bench() as bench:
        found = baseline(bench)
    assert found == Baseline(passing=(GROWS, G), failing=(BROKEN,), flaky=(), problem=None)


def test_a_test_that_passes_once_is_flaky_and_gates_nothing(make_bench, tmp_path):
    with make_bench() as bench:
        baseline(bench)
    record = tmp_path / "record.jsonl"
    lines = [json.loads(line) for line in record.read_text().splitlines()]
    second = next(line for line in lines if line.get("test") == "suite" and line["repeat"] == 1)
    second["answer"]["outcomes"][G] = Outcome.FAIL
    record.write_text("".join(json.dumps(line) + "\n" for line in lines))

    with make_bench() as bench:
        found = baseline(bench)

    assert (found.passing, found.flaky) == ((GROWS,), (G,))


def test_a_suite_that_cannot_run_says_why(make_bench):
    with make_bench(spec=EnvironmentSpec(packages=(), test_paths=("nowhere.py",))) as bench:
        found = baseline(bench)
        assert found.passing == ()
        assert "found no tests" in found.problem
        assert regressions(bench, [Candidate(id="a", patch="")], found) == {}


def _as_if_cut(record, **changes):
    """Write down that the suite of the base was cut off by its time."""
    lines = [json.loads(line) for line in record.read_text().splitlines()]
    for line in lines:
        if line.get("test") == "suite":
            line["answer"] |= {"state": "timed out", "problem": "The test suite ran longer than 3 s.", **changes}
    record.write_text("".join(json.dumps(line) + "\n" for line in lines))


def test_where_the_runner_by_itself_finds_no_test_what_is_near_gates(make_bench, tmp_path):
    with make_bench() as bench:
        baseline(bench)
    _as_if_cut(tmp_path / "record.jsonl", state="no tests", problem="pytest found no tests.", outcomes={})
    with make_bench() as bench:
        assert baseline(bench).state == "no tests"
    with make_bench() as bench:
        found = baseline(bench, near=["test_pkg.py"], at_once=False)
    assert (found.passing, found.state, found.problem) == ((GROWS, G), "ran", None)


def test_of_a_suite_that_is_cut_off_what_is_near_and_what_fits_goes_on_to_gate(make_bench, tmp_path):
    with make_bench() as bench:
        baseline(bench)
    _as_if_cut(tmp_path / "record.jsonl", in_time=["test_pkg.py"], outcomes={})
    with make_bench() as bench:
        found = baseline(bench, near=["test_pkg.py"])
        assert bench.suite_paths == ("test_pkg.py",)
    assert found.passing == (GROWS, G)
    assert found.state == "timed out"
    assert "longer than 3 s" in found.problem


def test_of_a_runner_whose_log_tells_no_times_ever_fewer_files_are_run_until_half_of_the_time_is_enough(
    make_bench, tmp_path
):
    command = f"PYTHONPATH={SITE_PACKAGES} python3 -m pytest -rA -p no:cacheprovider"
    spec = EnvironmentSpec(test_command=command, log_parser="pytest")
    with make_bench(spec=spec) as bench:
        bench.suite_paths = ("test_pkg.py", "test_pkg.py::test_g", "test_pkg.py::test_f_grows")
        assert baseline(bench).passing == (GROWS, G)
        assert len(bench.suite_paths) == 3
    record = tmp_path / "record.jsonl"
    record.write_text(re.sub(r'"seconds": ?[0-9.e-]+', '"seconds": 200.0', record.read_text()))
    with make_bench(spec=spec) as bench:
        bench.suite_paths = ("test_pkg.py::test_g", "test_pkg.py", "test_pkg.py::test_f_grows")
        found = baseline(bench)
        assert bench.suite_paths == ("test_pkg.py::test_g",)
        assert (found.passing, found.state) == ((G,), "ran")
        assert regressions(bench, [Candidate(id="a", patch="")], found) == {"a": ()}


def test_a_test_that_neither_run_came_to_is_no_regression(make_bench, patch_f, tmp_path):
    broken = Candidate(id="broken", patch=patch_f("return x - 1"))
    with make_bench() as bench:
        base = baseline(bench)
        regressions(bench, [broken], base)
    for state, expected in (("timed out", (GROWS,)), ("ran", (GROWS, G))):
        _as_if_cut(tmp_path / "record.jsonl", outcomes={GROWS: "timeout"})
        with make_bench() as bench:
            found = regressions(bench, [broken], base.model_copy(update={"state": SuiteState(state)}))
        assert found == {"broken": expected}


def test_regressions_are_named_for_each_candidate(make_bench, patch_f):
    patches = {
        "right": patch_f("return x + 1"),
        "shrinks": patch_f("return x - 1"),
        "broken": patch_f("return ("),
        "exits": patch_f("import os; os._exit(0)"),
    }
    candidates = [Candidate(id=name, patch=patch) for name, patch in patches.items()]
    with make_bench() as bench:
        found = regressions(bench, candidates, baseline(bench))
    assert found == {"right": (), "shrinks": (GROWS,), "broken": (GROWS, G), "exits": (GROWS,)}
