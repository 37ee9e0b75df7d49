"""A repository's own test runner, asked for named tests, and many files read at once: on the real sandbox."""

import pytest

from environments.sandboxes.bubblewrap import BubblewrapSandbox, host_root
from environments.sandboxes.read_many import read_many
from environments.task import EnvironmentSpec
from environments.trees.worktree import one_commit
from environments.workbench.outcome import Outcome
from environments.workbench.suites.suite_runner import run_suite

RUNNER = """import sys
for name in sys.argv[1:]:
    print(f"test_good ({name}.Case) ... ok")
    print(f"test_bad ({name}.Case) ... FAIL")
    print(f"test_odd ({name}.Case) ... skipped 'no'")
sys.exit(1)
"""
SPEC = EnvironmentSpec(test_command="python3 run.py", log_parser="django", test_paths=("tests/a/tests.py",))


@pytest.fixture(scope="module")
def sandbox(tmp_path_factory):
    folder = tmp_path_factory.mktemp("runner")
    (folder / "source/tests/a").mkdir(parents=True)
    (folder / "source/run.py").write_text(RUNNER)
    (folder / "source/tests/a/tests.py").write_bytes(b"\xff\n")
    (folder / "source/-odd name.py").write_text("odd")
    (folder / "source/link.py").symlink_to("run.py")
    (folder / "layer").mkdir()
    one_commit(folder / "source", folder / "layer" / "testbed")
    with BubblewrapSandbox.create([folder / "layer"], root=host_root(), run_id="test") as made:
        yield made


def test_its_log_tells_the_outcomes(sandbox):
    suite = run_suite(sandbox, SPEC, timeout=30)
    assert suite.problem is None
    assert suite.exit_code == 1
    assert suite.outcomes == {
        "test_good (a.tests.Case)": Outcome.PASS,
        "test_bad (a.tests.Case)": Outcome.FAIL,
        "test_odd (a.tests.Case)": Outcome.MISSING,
    }


def test_it_is_never_asked_for_all_tests(sandbox):
    suite = run_suite(sandbox, SPEC.model_copy(update={"test_paths": ()}), timeout=30)
    assert (suite.outcomes, "whole suite" in suite.problem) == ({}, True)


def test_a_runner_that_tells_of_no_test_or_takes_too_long_is_a_problem(sandbox):
    silent = run_suite(sandbox, SPEC.model_copy(update={"test_command": "true"}), timeout=30)
    assert "told of no test" in silent.problem
    slow = run_suite(sandbox, SPEC.model_copy(update={"test_command": "sleep 60;"}), timeout=1)
    assert "longer than 1 s" in slow.problem


def test_a_file_that_stops_the_runner_is_left_out_and_named(sandbox):
    command = 'stop() { case "$*" in *b.tests*) echo "Aborting: b"; return 1;; esac; python3 run.py "$@"; }; stop'
    spec = SPEC.model_copy(update={"test_command": command})
    paths = ("tests/a/tests.py", "tests/b/tests.py", "tests/c/tests.py")
    suite = run_suite(sandbox, spec.model_copy(update={"test_paths": paths}), timeout=30)
    assert (suite.state, suite.problem, suite.left_out) == ("ran", None, {"tests/b/tests.py": "Aborting: b"})
    assert [test for test in suite.outcomes if "good" in test] == [f"test_good ({name}.tests.Case)" for name in "ac"]
    alone = run_suite(sandbox, spec.model_copy(update={"test_paths": paths[1:2]}), timeout=30)
    assert (alone.state, alone.outcomes) == ("crashed", {})


def test_what_had_ended_before_the_time_was_up_counts(sandbox):
    command = "echo 'test_good (a.tests.Case) ... ok'; sleep 60;"
    cut = run_suite(sandbox, SPEC.model_copy(update={"test_command": command}), timeout=1)
    assert (cut.state, cut.outcomes) == ("timed out", {"test_good (a.tests.Case)": Outcome.PASS})


def test_many_files_are_read_by_one_command(sandbox):
    for name, target in {"dangling.py": "nowhere", "endless.py": "/proc/self/pagemap"}.items():
        sandbox.run(["ln", "-sf", target, name])
    names = ["tests/a/tests.py", "-odd name.py", "link.py", "dangling.py", "endless.py", "run.py"]
    files = ["tests/a/tests.py", "-odd name.py", "run.py"]  # links are left out, wherever they lead
    assert list(read_many(sandbox, names).items()) == [(name, sandbox.read(name)) for name in files]
    assert read_many(sandbox, []) == {}
