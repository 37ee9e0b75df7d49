"""The workbench on the real sandbox."""

import json
import threading
from concurrent.futures import CancelledError, ThreadPoolExecutor

import pytest

from environments.sandboxes.contract import SandboxError
from environments.sandboxes.lease import CpuLease, NoLease
from environments.task import EnvironmentSpec, Task
from environments.trees.worktree import one_commit
from environments.workbench.environment_sandbox import environment_sandbox
from environments.workbench.outcome import GeneratedTest, Outcome
from environments.workbench.workbench import Workbench

SPEC = EnvironmentSpec(
    packages=("pytest==8.4.2", "iniconfig==2.1.0", "pluggy==1.6.0", "packaging==25.0", "pygments==2.19.2"),
    python_path=("src",),
)
FILES = {
    "src/pkg.py": "def f(x):\n    return x + 2\n\n\ndef g(x):\n    return x\n",
    "tests/test_pkg.py": """
import pytest
from pkg import f, g

@pytest.mark.parametrize("x", [1, 2])
def test_g(x):
    assert g(x) == x

class TestF:
    def test_f(self):
        assert f(1) == 2
""",
    "pytest.ini": "[pytest]\naddopts = --cov=nothing -n 4\n",
}
FIX = """--- a/src/pkg.py
+++ b/src/pkg.py
@@ -1,4 +1,4 @@
 def f(x):
-    return x + 2
+    return x + 1
 
 
"""  # noqa: W293 (context lines of a diff)
BREAK = FIX.replace("+    return x + 1", "+    return x +")


def script(source):
    return GeneratedTest.of(source, "test:0")


REPRODUCE = script("import sys\nfrom pkg import f\nif f(1) != 2:\n    issue_present('bad', f(1))\n")


@pytest.fixture(scope="module")
def base(tmp_path_factory):
    folder = tmp_path_factory.mktemp("task")
    for name, text in FILES.items():
        (folder / "source" / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / "source" / name).write_text(text)
    (folder / "layer").mkdir()
    one_commit(folder / "source", folder / "layer" / "testbed")
    with environment_sandbox(folder / "layer", SPEC, run_id="test") as sandbox:
        yield sandbox


TASK = Task(instance_id="t", repo="o/t", base_commit="0", problem_statement="", environment=SPEC)


@pytest.fixture(scope="module")
def shared(base, tmp_path_factory):
    record = tmp_path_factory.mktemp("shared") / "tests.jsonl"
    with Workbench(base, TASK, record=record, lease=NoLease(), test_timeout=4) as bench:
        yield bench


@pytest.fixture
def bench(base, tmp_path):
    with Workbench(base, TASK, record=tmp_path / "tests.jsonl", lease=NoLease(), test_timeout=5) as bench:
        yield bench


def test_a_test_that_reproduces_fails_on_the_base_and_passes_on_the_fix(shared):
    on_base, on_fix = shared.run_many([(REPRODUCE, None, 0), (REPRODUCE, FIX, 0)])

    assert (on_base.outcome, on_base.exit_code, on_base.output) == (Outcome.FAIL, 2, "bad 3\n")
    assert (on_fix.outcome, on_fix.exit_code, on_fix.output) == (Outcome.PASS, 0, "")


@pytest.mark.parametrize(
    "source, outcome",
    [
        ("import os\nos._exit(0)", Outcome.ERROR),
        ("import sys\nsys.exit(0)", Outcome.ERROR),
        ("raise SystemExit", Outcome.ERROR),
        ("import sys\nprint(open(sys.argv[0]).read(), open(__file__).read(), globals())\nsys.exit()", Outcome.ERROR),
        ("1 / 0", Outcome.ERROR),
        ("def f(:", Outcome.ERROR),
        ("import nowhere", Outcome.ERROR),
        ("raise SystemExit(3)", Outcome.ERROR),
        ("import os, signal\nos.kill(os.getpid(), signal.SIGKILL)", Outcome.ERROR),
        ("import os\nos._exit(2)", Outcome.ERROR),
        ("import sys\nsys.exit(2)", Outcome.ERROR),
        ("import argparse\nargparse.ArgumentParser().parse_args(['--nothing'])", Outcome.ERROR),
        ("issue_present()", Outcome.FAIL),
        ("try:\n    issue_present('why')\nexcept BaseException:\n    pass", Outcome.FAIL),
        ("import os\nos.close(1)\nissue_present()", Outcome.FAIL),
        ("import os\nif not os.fork():\n    issue_present()\nos.wait()", Outcome.FAIL),
        ("import os\nos.close(1)", Outcome.PASS),
        ("import time\ntime.sleep(60)", Outcome.TIMEOUT),
        ("", Outcome.PASS),
        ("from __future__ import annotations\nassert __name__ == '__main__'", Outcome.PASS),
        ("import sys\nsys.stdout.write('x' * 10**6)", Outcome.PASS),
        ("import sys\nassert sys.stdin.read() == ''", Outcome.PASS),
        ("import os\nassert os.getcwd() == '/testbed' and os.path.dirname(__file__) != '/testbed'", Outcome.PASS),
        ("assert 'nonce' not in globals() and 'drive' not in globals()", Outcome.PASS),
    ],
)
def test_only_the_end_of_the_script_passes_and_only_the_harness_s_word_fails(shared, source, outcome):
    assert shared.run(script(source)).outcome == outcome


def test_a_run_within_a_shorter_limit_stands_in_for_no_other(base, tmp_path):
    endless = script("while True: pass")
    with Workbench(base, TASK, record=tmp_path / "tests.jsonl", lease=NoLease(), test_timeout=2) as bench:
        (cut,) = bench.run_many([(endless, None, 0)], seconds=1)
        kept = [cut, *bench.run_many([(endless, None, 0)], seconds=1), bench.run(endless)]
    assert {run.outcome for run in kept} == {Outcome.TIMEOUT}
    recorded = [json.loads(line).get("test") for line in (tmp_path / "tests.jsonl").read_text().splitlines()[1:]]
    assert recorded == [f"{endless.id} in 1 s", endless.id]


def test_a_traceback_shows_the_script_s_own_lines_only(shared):
    output = shared.run(script("def f():\n    return 1 / 0\n\n\nf()\n")).output

    assert "return 1 / 0" in output
    assert "drive" not in output
    assert output.count("File ") == 2


def test_each_run_has_a_tree_of_its_own_and_leaves_the_base_alone(shared):
    spoil = script("open('src/pkg.py', 'w').write('def f(x): return 2')")
    assert shared.run(spoil).outcome == Outcome.PASS
    assert shared.run(spoil, FIX).outcome == Outcome.PASS
    assert shared.run(REPRODUCE).outcome == Outcome.FAIL
    assert shared.read("src/pkg.py").decode() == FILES["src/pkg.py"]


def test_a_patch_that_does_not_apply_is_an_outcome_not_an_exception(shared):
    for patch in ("nonsense", FIX.replace("x + 2", "x + 3")):
        execution, suite = shared.run(REPRODUCE, patch), shared.suite(patch)
        assert execution.outcome == Outcome.ERROR
        assert "does not apply" in execution.output
        assert "does not apply" in suite.problem
        assert suite.outcomes == {}
        assert shared.applies(patch)
    assert shared.applies(FIX) is None


def test_the_suite_s_outcomes_by_id_without_the_repository_s_addopts(shared):
    others = {"tests/test_pkg.py::test_g[1]": Outcome.PASS, "tests/test_pkg.py::test_g[2]": Outcome.PASS}
    suite = shared.suite()
    assert suite.problem is None
    assert suite.outcomes == {**others, "tests/test_pkg.py::TestF::test_f": Outcome.FAIL}
    assert shared.suite(FIX).outcomes == {**others, "tests/test_pkg.py::TestF::test_f": Outcome.PASS}
    assert suite.outcome("tests/test_pkg.py::test_other") == Outcome.MISSING


def test_a_module_that_cannot_be_imported_is_an_error_of_that_module(shared):
    assert shared.suite(BREAK).outcomes == {"tests/test_pkg.py": Outcome.ERROR}


def test_a_suite_that_dies_has_no_report_and_says_so(shared):
    suite = shared.suite(FIX.replace("+    return x + 1", "+    import os; os._exit(0)"))
    others = {"tests/test_pkg.py::test_g[1]": Outcome.PASS, "tests/test_pkg.py::test_g[2]": Outcome.PASS}
    assert suite.outcomes == {**others, "tests/test_pkg.py::TestF::test_f": Outcome.ERROR}
    assert "before its end" in suite.problem
    assert suite.state == "crashed"


def test_byte_code_is_of_the_source_that_runs_even_if_size_and_date_agree(base, tmp_path):
    as_it_was = "import os\nfrom pkg import f\nos.stat('src/pkg.py')\nif f(1) == 3: issue_present()"
    keep_date = "import os\nold = os.stat('src/pkg.py')\nopen('src/pkg.py', 'w').write({!r})\n"
    keep_date += "os.utime('src/pkg.py', ns=(old.st_atime_ns, old.st_mtime_ns))\nfrom pkg import f\nassert f(1) == 2"
    changed = keep_date.format(FILES["src/pkg.py"].replace("x + 2", "x + 1"))
    with Workbench(base, TASK, record=tmp_path / "r.jsonl", lease=NoLease()) as bench:
        assert bench.run(script(as_it_was)).outcome == Outcome.FAIL
        assert bench.run(script(changed)).outcome == Outcome.PASS


def test_byte_code_is_compiled_once_and_lies_outside_the_tree(shared):
    look = "import pkg, pytest, os\nassert os.path.exists(pkg.__cached__) and os.path.exists(pytest.__cached__)\n"
    look += "assert not pkg.__cached__.startswith('/testbed') and '__pycache__' not in os.listdir('src')"
    execution = shared.run(script(look), FIX)
    assert execution.outcome == Outcome.PASS, execution.output


def test_what_is_on_the_record_is_not_run_again(base, tmp_path):
    path = tmp_path / "tests.jsonl"
    with Workbench(base, TASK, record=path, lease=NoLease()) as bench:
        first = bench.run(REPRODUCE, FIX), bench.suite(FIX)
        recorded = path.read_bytes()
        assert (bench.run(REPRODUCE, FIX), bench.suite(FIX)) == first
    with Workbench(base, TASK, record=path, lease=NoLease()) as bench:
        assert (bench.run(REPRODUCE, FIX), bench.suite(FIX)) == first
        assert path.read_bytes() == recorded
        bench.run(REPRODUCE, FIX, repeat=1)
        assert path.read_bytes().count(b"\n") == recorded.count(b"\n") + 1


def test_callers_that_ask_for_the_same_run_share_one(bench, tmp_path):
    slow = script("import time\ntime.sleep(0.2)\n")
    with ThreadPoolExecutor(8) as callers:
        answers = list(callers.map(lambda _: bench.run(slow, FIX), range(8)))
    assert len(set(answers)) == 1
    assert (tmp_path / "tests.jsonl").read_bytes().count(b'"test"') == 1


def test_more_patches_than_are_kept_open_all_run(base, tmp_path, monkeypatch):
    monkeypatch.setattr("environments.workbench.forks.patched_trees.KEPT", 2)
    patches = [FIX.replace("x + 1", f"x + {n}") for n in range(6)]
    with Workbench(base, TASK, record=tmp_path / "r.jsonl", lease=NoLease()) as bench:
        outcomes = [e.outcome for e in bench.run_many([(REPRODUCE, p, r) for r in (0, 1) for p in patches])]
    assert outcomes == [Outcome.PASS if n == 1 else Outcome.FAIL for n in range(6)] * 2


def test_tests_wait_while_the_model_has_the_cores(base, tmp_path):
    lease = CpuLease()
    with Workbench(base, TASK, record=tmp_path / "r.jsonl", lease=lease) as bench, ThreadPoolExecutor(1) as caller:
        with lease.model():
            answer = caller.submit(bench.run, REPRODUCE)
            assert (tmp_path / "r.jsonl").read_bytes().count(b"\n") == 1
            assert not answer.done()
        assert answer.result().outcome == Outcome.FAIL


def test_closing_ends_what_runs_and_records_no_outcome_of_it(base, tmp_path):
    path = tmp_path / "r.jsonl"
    bench = Workbench(base, TASK, record=path, lease=NoLease(), test_timeout=60)  # far over what the suite may take
    with ThreadPoolExecutor(1) as caller:
        answer = caller.submit(bench.run, script("import time\ntime.sleep(50)"))
        bench.close()
        with pytest.raises((SandboxError, CancelledError, RuntimeError)):
            answer.result()
    assert path.read_bytes().count(b"\n") == 1


def test_a_closed_workbench_leaves_no_thread(base, tmp_path):
    before = set(threading.enumerate())
    with Workbench(base, TASK, record=tmp_path / "r.jsonl", lease=NoLease(), test_timeout=30) as bench:
        runs = bench.run_many([(REPRODUCE, patch, repeat) for repeat in (0, 1) for patch in (None, FIX)])
        assert [run.outcome for run in runs] == [Outcome.FAIL, Outcome.PASS] * 2
        assert any(thread.name.startswith("standby") for thread in threading.enumerate())
    assert not [thread for thread in set(threading.enumerate()) - before if "runoff-" not in thread.name]


def test_the_python_files_of_the_tree(shared):
    assert shared.files() == ["src/pkg.py", "tests/test_pkg.py"]
    assert shared.contents() == {path: shared.read(path) for path in shared.files()}
    with pytest.raises(FileNotFoundError):
        shared.read("src/nothing.py")


def test_scripts_of_earlier_records_still_fail_by_exit_code(shared):
    old = GeneratedTest.model_validate({"id": "0123", "source": "import sys\nsys.exit(2)", "origin": "test:0"})
    assert shared.run(old).outcome == Outcome.FAIL


def test_a_script_that_ends_with_exit_code_2_is_told_what_to_call(shared):
    assert "without issue_present()" in shared.run(script("raise SystemExit(2)")).output


def test_a_script_that_found_the_issue_does_nothing_more(shared):
    goes_on = "try:\n    issue_present('why')\nexcept BaseException:\n    pass\nprint('went on')"
    assert shared.run(script(goes_on)).output == "why\n"


def test_a_patch_is_judged_under_the_bases_own_steering_files(shared):
    head = "diff --git a/conftest.py b/conftest.py\nnew file mode 100644\n--- /dev/null\n+++ b/conftest.py\n"
    steered = f"{head}@@ -0,0 +1 @@\n+import pkg\n"
    shows = script("import os\nif not os.path.exists('conftest.py'):\n    issue_present()\n")
    assert shared.run(shows, steered).outcome == Outcome.FAIL
    whole = shared.live(steered)
    assert whole.read("conftest.py") == b"import pkg\n"
    whole.close()


def test_a_patch_takes_no_steering_file_away_by_another_name(shared):
    names = "rename from pytest.ini\nrename to other.ini\n"
    moved = f"diff --git a/pytest.ini b/other.ini\nsimilarity index 100%\n{names}"
    shows = script(f"if open('pytest.ini').read() != {FILES['pytest.ini']!r}:\n    issue_present()\n")
    assert shared.run(shows, moved).outcome == Outcome.PASS
