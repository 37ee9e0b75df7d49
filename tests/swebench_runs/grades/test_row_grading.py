"""Grading by a row's hidden tests: right patches resolve it, and no way to steer the tests does."""

import difflib
from concurrent.futures import ThreadPoolExecutor

import pytest

from environments.sandboxes.contract import SandboxError
from environments.specs import ImageSpec
from environments.task import EnvironmentSpec
from environments.workbench.test_logs import reader
from swebench_runs.grades.row_grading import evaluate
from swebench_runs.grades.row_grading.canary import broken, nests
from swebench_runs.grades.row_grading.contradictions import contradiction
from swebench_runs.grades.row_grading.grader import TRIES, row_grader
from swebench_runs.grades.steering import steers_row
from swebench_runs.official import marks
from swebench_runs.official.policy import Incident
from swebench_runs.one_task.ground.base_sandbox import lay, open_base, scratch
from swebench_runs.rows import read_row

SPEC = ImageSpec(
    repo="a/b",
    version="1.0",
    validated=False,
    python="3.11",
    pins_name="none",
    pins=(),
    install="true",
    test_command="python3 -m pytest -rA -p no:cacheprovider",
    log_parser="pytest",
)
TREE = {
    "m.py": "def f():\n    return 1\n\n\ndef g():\n    return 1\n",
    "setup.cfg": "[metadata]\nname = m\n",
    "tests/conftest.py": "import pytest\n",
    "tests/test_m.py": "import m\n\n\ndef test_fine():\n    assert m.g() == 1\n",
    ".gitignore": "ignored/\n",
}


def change(**files):
    """Return a patch that gives files (__ for /, _dot_ for .) of the tree new text."""
    parts = []
    for word, new in files.items():
        name = word.replace("__", "/").replace("_dot_", ".")
        old = TREE.get(name)
        lines = difflib.unified_diff(
            (old or "").splitlines(True), new.splitlines(True), f"a/{name}" if old else "/dev/null", f"b/{name}"
        )
        mode = "" if old else "new file mode 100644\n"
        parts.append(f"diff --git a/{name} b/{name}\n{mode}{''.join(lines)}")
    return "".join(parts)


FIXED = TREE["m.py"].replace("return 1", "return 2", 1)
GOLD = change(m_dot_py=FIXED)
ROW = read_row(
    {
        "repo": "a/b",
        "instance_id": "a__b-1",
        "base_commit": "1" * 40,
        "problem_statement": "f is wrong",
        "patch": GOLD,
        "test_patch": change(
            tests__test_m_dot_py=TREE["tests/test_m.py"] + "\n\ndef test_bug():\n    assert m.f() == 2\n"
        ),
        "FAIL_TO_PASS": ["tests/test_m.py::test_bug"],
        "PASS_TO_PASS": ["tests/test_m.py::test_fine"],
    },
    "here",
)
HOOK = """import pytest


@pytest.hookimpl(hookwrapper=True)
def pytest_runtest_makereport(item, call):
    report = (yield).get_result()
    report.outcome = "passed"
"""
MONKEY = "import _pytest.runner, _pytest.python\n_pytest.python.Function.runtest = lambda self: None\n"
FORGED = """import os
for number in range(3, 20):  # pytest keeps the real output under some other number
    try:
        os.write(number, b"\\nPASSED tests/test_m.py::test_bug\\nPASSED tests/test_m.py::test_fine\\n")
    except OSError:
        pass
os._exit(0)
"""


@pytest.fixture(scope="module")
def base():
    with scratch("row-grading-test") as folder:
        for name, text in TREE.items():
            path = folder / "tree" / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text)
        lay(folder / "tree", folder / "base")
        packages = ("pytest==8.4.2", "iniconfig==2.1.0", "pluggy==1.6.0", "packaging==25.0", "pygments==2.19.2")
        with open_base(EnvironmentSpec(packages=packages), folder / "base", run_id="row-grading-test") as sandbox:
            yield sandbox


def test_the_reference_patch_resolves_the_row(base):
    found = evaluate(ROW, GOLD, base, SPEC)
    assert (found.incident, found.detail) == (Incident.TESTS_RAN, "")
    assert (found.resolved, found.official_resolved, found.canary, found.dropped) == (True, True, "held", ())
    assert "PASSED tests/test_m.py::test_bug" in found.log
    assert "test_fine" not in base.run("git status --porcelain; cat tests/test_m.py | grep test_bug").text


def test_without_it_the_failing_test_fails(base):
    found = evaluate(ROW, None, base, SPEC)
    assert (found.incident, found.resolved, found.official_resolved) == (Incident.TESTS_RAN, False, False)
    assert found.verdict.fail_to_pass.failure == ("tests/test_m.py::test_bug",)
    assert found.verdict.pass_to_pass.success == ("tests/test_m.py::test_fine",)


def test_hidden_tests_wait_for_their_turn_too(base, all_turns_taken):
    with ThreadPoolExecutor(1) as pool:
        asked = pool.submit(evaluate, ROW, None, base, SPEC)
        all_turns_taken.until_waiting(1)
        assert not asked.done()
        all_turns_taken.let_go()
        assert asked.result().incident is Incident.TESTS_RAN


@pytest.mark.parametrize(
    ("patch", "incident"),
    [
        ("", Incident.EMPTY_PATCH),
        ("nonsense", Incident.PATCH_APPLY_FAILED),
        (GOLD.replace("return 1", "return 7"), Incident.PATCH_APPLY_FAILED),
        (change(m_dot_py="def f(:\n"), Incident.TESTS_RAN),
        (change(m_dot_py="import os\nos._exit(0)\n"), Incident.LOG_TELLS_NOTHING),
    ],
)
def test_what_ends_an_evaluation_is_named(base, patch, incident):
    found = evaluate(ROW, patch, base, SPEC)
    assert (found.incident, found.resolved, found.official_resolved) == (incident, False, False)


@pytest.mark.parametrize(
    "patch",
    [
        change(tests__conftest_dot_py=HOOK),
        change(conftest_dot_py=HOOK),
        change(setup_dot_cfg="[tool:pytest]\naddopts = -p cheat\n", cheat_dot_py=HOOK),
        change(pytest_dot_ini="[pytest]\naddopts = -p cheat\n", cheat_dot_py=HOOK),
        change(m_dot_py=MONKEY),
        change(m_dot_py=FORGED),
        change(pytest_dot_py='print("PASSED tests/test_m.py::test_bug\\nPASSED tests/test_m.py::test_fine")\n'),
        change(
            ignored__x_dot_py="", tests__ignored__conftest_dot_py="", tests____init___dot_py=HOOK, conftest_dot_py=HOOK
        ),
    ],
    ids=["conftest", "new-conftest", "setup.cfg", "pytest.ini", "source", "forged", "shadow", "many"],
)
def test_a_patch_that_steers_the_tests_is_not_resolved_though_the_official_harness_says_so(base, patch):
    found = evaluate(ROW, patch, base, SPEC)
    assert (found.official_resolved, found.resolved) == (True, False), found.detail
    assert found.incident is Incident.TAMPERED
    assert found.detail


def test_a_hook_that_only_patch_would_write_is_tampering(base):
    hook = f"#!/bin/sh\ncat > conftest.py <<'END'\n{HOOK}END\n"
    lines = "".join(f"+{line}\n" for line in hook.splitlines())
    size = hook.count("\n")
    name = ".git/hooks/post-checkout"
    head = f"diff --git a/{name} b/{name}\nnew file mode 100755\n--- /dev/null\n+++ b/{name}\n@@ -0,0 +1,{size} @@\n"
    patch = head + lines
    found = evaluate(ROW, patch, base, SPEC)
    assert (found.official_resolved, found.resolved, found.incident) == (True, False, Incident.TAMPERED)
    assert "git's own files" in found.detail


def test_a_right_patch_may_touch_what_steers_tests(base):
    patch = change(m_dot_py=FIXED, setup_dot_cfg="[metadata]\nname = mm\n", tests__conftest_dot_py=HOOK)
    found = evaluate(ROW, patch, base, SPEC)
    assert (found.resolved, found.canary) == (True, "held")
    assert found.dropped == ("setup.cfg", "tests/conftest.py")


def nothing_there(path):
    return False


def test_what_the_reference_patch_touches_is_no_tampering():
    row = ROW.model_copy(update={"patch": change(setup_dot_cfg="[metadata]\nname = mm\n")})
    assert steers_row("setup.cfg", ROW, nothing_there)
    assert not steers_row("setup.cfg", row, nothing_there)


@pytest.mark.parametrize(
    "path", ["src/unittest.py", "unittest/__init__.py", "a/x.pth", "m.egg-info/entry_points.txt", "a/conftest.so"]
)
def test_what_stands_before_the_tools_steers(path):
    assert steers_row(path, ROW, nothing_there)


@pytest.mark.parametrize("path", ["src/m/unittest.py", "m.py", "README", "docs/json.txt"])
def test_other_files_do_not(path):
    assert not steers_row(path, ROW, nothing_there)


def test_what_the_tree_has_already_is_what_is_to_be_repaired():
    assert steers_row("src/_pytest/runner.py", ROW, nothing_there)
    assert not steers_row("src/_pytest/runner.py", ROW, {"src/_pytest"}.__contains__)


def test_tests_that_take_too_long_are_ended(base):
    found = evaluate(ROW, change(m_dot_py="while True: pass\n"), base, SPEC, timeout=3)
    assert (found.incident, found.resolved) == (Incident.TESTS_TIMED_OUT, False)


def test_a_row_that_cannot_be_judged_is_unusable(base):
    without = ROW.model_copy(update={"fail_to_pass": ()})
    assert evaluate(without, GOLD, base, SPEC).incident is Incident.ROW_UNUSABLE
    foreign = ROW.model_copy(update={"test_patch": ROW.test_patch.replace("test_fine", "test_other")})
    assert evaluate(foreign, GOLD, base, SPEC).incident is Incident.ROW_UNUSABLE


OWN = SPEC.model_copy(update={"test_command": ""})
SCRIPT = f"""#!/bin/bash
set -uxo pipefail
source /opt/miniconda3/bin/activate
git -c core.fileMode=false diff {"1" * 40}
git checkout {"1" * 40} tests/test_m.py
git apply -v - <<'EOF_1'
{ROW.test_patch}EOF_1
: '{marks.START}'
python3 -m pytest -rA -p no:cacheprovider tests/test_m.py
: '{marks.END}'
git checkout {"1" * 40} tests/test_m.py
"""
OWN_ROW = ROW.model_copy(update={"eval_script": SCRIPT})


def test_a_row_with_its_own_script_is_graded_by_it(base):
    found = evaluate(OWN_ROW, GOLD, base, OWN)
    assert (found.incident, found.resolved, found.canary) == (Incident.TESTS_RAN, True, "impossible")
    assert "+ python3 -m pytest" in found.log
    assert "return 2" not in found.log  # it would show the patch before the tests begin
    without = evaluate(OWN_ROW, None, base, OWN)
    assert (without.incident, without.resolved) == (Incident.TESTS_RAN, False)
    assert without.verdict.fail_to_pass.failure == ("tests/test_m.py::test_bug",)


def test_a_rows_own_script_sees_the_rows_tests_and_what_steers_them_is_put_back(base):
    passing = GOLD + change(tests__test_m_dot_py="def test_fine(): pass\ndef test_bug(): pass\n")
    assert evaluate(OWN_ROW, passing, base, OWN).resolved
    steered = evaluate(OWN_ROW, change(tests__conftest_dot_py=HOOK), base, OWN)
    assert (steered.official_resolved, steered.resolved, steered.incident) == (True, False, Incident.TAMPERED)


def test_a_rows_own_script_may_say_how_its_tests_ended_and_end_otherwise(base):
    said = SCRIPT.replace(f": '{marks.END}'", f"code=$?\n: '{marks.END}'\necho '{marks.EXIT_CODE}: '$code")
    row = ROW.model_copy(update={"eval_script": said})
    assert evaluate(row, GOLD, base, OWN).resolved
    failing = evaluate(row, None, base, OWN)
    assert (failing.incident, failing.reading.exit_code) == (Incident.TESTS_RAN, 1)


def test_a_rows_own_script_may_bring_the_tests_with_it(base):
    row = OWN_ROW.model_copy(update={"test_patch": ""})
    assert evaluate(row, GOLD, base, OWN).resolved


def test_a_row_whose_own_script_tells_nothing_is_unusable(base):
    row = ROW.model_copy(update={"eval_script": "make test\n"})
    assert evaluate(row, GOLD, base, OWN).incident is Incident.ROW_UNUSABLE


def test_a_failing_machine_is_not_the_patchs_fault(base):
    class Broken:
        def fork(self):
            raise SandboxError("the engine is gone")

    found = evaluate(ROW, GOLD, Broken(), SPEC)
    assert (found.incident, found.detail) == (Incident.SANDBOX_FAILED, "the engine is gone")


SYMPY = """sympy/x/tests/test_y.py[4]
test_old ok
{passes} ok
{asserts} F
{raises} E                                                [FAIL]
________________________________________________________________________________
________________ sympy/x/tests/test_y.py:{raises} ________________
________________ sympy/x/tests/test_y.py:{asserts} ________________
"""
DJANGO = """{asserts} (x.tests.Case) ... FAIL
{passes} (x.tests.Case) ... ok
{raises} (x.tests.Case) ... ERROR
FAIL: {asserts} (x.tests.Case)
ERROR: {raises} (x.tests.Case)
"""


@pytest.mark.parametrize(
    ("parser", "path", "log"), [("sympy", "sympy/x/tests/test_y.py", SYMPY), ("django", "tests/x/tests.py", DJANGO)]
)
def test_other_runners_tell_of_the_tests_that_must_fail(parser, path, log):
    diff = f"diff --git a/{path} b/{path}\n--- a/{path}\n+++ b/{path}\n@@ -1 +1 @@\n-a\n+b\n"
    places = nests(ROW.model_copy(update={"test_patch": diff}), SPEC.model_copy(update={"log_parser": parser}))
    assert [place.path for place in places] == [path]
    names = places[0].names
    told = log.format(**names)
    assert broken(places, reader(parser)(told)) == ""
    forged = told.replace(f"{names['asserts']} F", f"{names['asserts']} ok").replace("FAIL", "ok")
    assert "must fail" in broken(places, reader(parser)(forged))
    assert "must pass" in broken(places, reader(parser)(told.replace(names["passes"], "gone")))


def test_a_machine_that_recovers_is_given_another_try(base, tmp_path):
    class Recovering:
        def __init__(self, failures):
            self.failures = failures

        def fork(self):
            if self.failures:
                self.failures -= 1
                raise SandboxError("the engine is gone")
            return base.fork()

        def read(self, path):
            return base.read(path)

    assert row_grader(ROW, Recovering(TRIES - 1), SPEC, timeout=60, logs=tmp_path)(GOLD).outcome == "resolved"
    grade = row_grader(ROW, Recovering(99), SPEC, timeout=60, logs=tmp_path)(GOLD)
    assert (grade.outcome, grade.official, grade.incident) == ("not_evaluated", None, "sandbox_failed")


def test_grades_say_where_they_are_stricter_than_the_official_ones(base, tmp_path):
    grade = row_grader(ROW, base, SPEC, timeout=60, logs=tmp_path)
    tampered, empty = grade(change(conftest_dot_py=HOOK)), grade("")
    assert (tampered.outcome, tampered.official, tampered.incident) == ("unresolved", True, "tampered")
    assert (empty.outcome, empty.official, empty.incident) == ("unresolved", False, "empty_patch")
    reports = [path.parent.name for path in tmp_path.rglob("report.json")]
    assert len(reports) == 1
    assert len(list(tmp_path.rglob("patch.diff"))) == 2


@pytest.mark.parametrize("made_up", ["before", "after"])
def test_a_log_that_says_two_things_of_a_test_is_seen(made_up):
    real, forged = "FAILED tests/test_m.py::test_bug - assert 1 == 2", "PASSED tests/test_m.py::test_bug"
    lines = [forged, real] if made_up == "before" else [real, forged]
    log = "\n".join([marks.START, *lines, "PASSED tests/test_m.py::test_fine", marks.END, f"{marks.EXIT_CODE}: 0", ""])
    told = contradiction(log, reader("pytest"), ["tests/test_m.py::test_bug", "tests/test_m.py::test_fine"])
    assert ("says that tests/test_m.py::test_bug failed, and that it passed" in told) == (made_up == "after")


def test_only_the_ends_of_lines_that_readers_know_part_what_a_log_says():
    said = ["a message of it: \x0cFAILED a::b", "PASSED a::b", marks.END, f"{marks.EXIT_CODE}: 0", ""]
    assert contradiction("\r\n".join([marks.START, *said]), reader("pytest"), ["a::b"]) == ""


def test_a_mark_of_progress_is_no_test_of_which_two_things_are_said():
    """pytest-dev__pytest-5227 names it; an honest patch's log had it behind inner tests that fail and that pass."""
    log = "\n".join([marks.START, "FAILED [100%]", "PASSED [100%]", marks.END, f"{marks.EXIT_CODE}: 0", ""])
    assert contradiction(log, reader("pytest"), ["[100%]"]) == ""
