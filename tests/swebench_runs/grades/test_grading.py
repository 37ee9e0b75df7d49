"""Grading: hidden tests decide, in a sandbox of their own, and a patch cannot steer them."""

import pytest

from environments.sandboxes.contract import SandboxError
from environments.task import EnvironmentSpec
from swebench_runs.grades.grading import HiddenTests, grade_patch, without_tests
from swebench_runs.grades.patch_key import patch_key
from swebench_runs.one_task.ground.base_sandbox import lay, open_base, scratch

SPEC = EnvironmentSpec(packages=("pytest>=8.4",))
BUG = "tests/test_m.py::test_bug"
HIDDEN = HiddenTests(
    fail_to_pass=("tests/test_m.py::test_bug",),
    pass_to_pass=("tests/test_m.py::test_fine",),
    files={"tests/test_m.py": b"import m\ndef test_bug(): assert m.f() == 2\ndef test_fine(): assert m.g() == 1\n"},
)


def patch(path, old, new, rest=()):
    size = 1 + len(rest)
    kept = "".join(f" {line}\n" for line in rest)
    head = f"diff --git a/{path} b/{path}\n--- a/{path}\n+++ b/{path}\n@@ -1,{size} +1,{size} @@\n"
    return f"{head}-{old}\n+{new}\n{kept}"


def new_file(path, text):
    return f"diff --git a/{path} b/{path}\nnew file mode 100644\n--- /dev/null\n+++ b/{path}\n@@ -0,0 +1 @@\n+{text}\n"


FIX = patch("m.py", "def f(): return 1", "def f(): return 2", ["def g(): return 1"])


@pytest.fixture(scope="module")
def base():
    with scratch("grading-test") as folder:
        tree = folder / "tree"
        (tree / "tests").mkdir(parents=True)
        (tree / "m.py").write_text("def f(): return 1\ndef g(): return 1\n")
        (tree / "tests/test_m.py").write_text("import m\ndef test_fine(): assert m.g() == 1\n")
        lay(tree, folder / "base")
        with open_base(SPEC, folder / "base", run_id="grading-test") as sandbox:
            yield sandbox


def grade(base, text):
    return grade_patch(text, base, SPEC, HIDDEN, timeout=60)


def test_a_right_patch_is_resolved(base):
    assert grade(base, FIX).outcome == "resolved"


def test_a_patch_that_breaks_another_test_is_not(base):
    text = (
        "diff --git a/m.py b/m.py\n--- a/m.py\n+++ b/m.py\n@@ -1,2 +1,2 @@\n-def f(): return 1\n-def g(): return 1\n"
        "+def f(): return 2\n+def g(): return 0\n"
    )
    found = grade(base, text)
    assert (found.outcome, found.failing) == ("unresolved", ("tests/test_m.py::test_fine",))
    assert "1 of 1 failing tests pass; 1 of 1 break" in found.reason


def test_the_base_itself_is_unresolved(base):
    found = grade(base, new_file("notes.txt", "nothing"))
    assert (found.outcome, found.failing) == ("unresolved", ("tests/test_m.py::test_bug",))


@pytest.mark.parametrize("text", ["", "not a diff", patch("m.py", "def f(): return 7", "def f(): return 2")])
def test_what_is_no_patch_for_the_base_is_unresolved_with_a_reason(base, text):
    found = grade(base, text)
    assert found.outcome == "unresolved"
    assert found.reason


def nothing_else(path):
    return False


CHEATS = [
    new_file("conftest.py", "import m; m.f = lambda: 2"),
    new_file("tests/conftest.py", "import m; m.f = lambda: 2"),
    new_file("pytest.ini", "[pytest]"),
    new_file("sitecustomize.py", "import m; m.f = lambda: 2"),
    patch("tests/test_m.py", "import m", "import m; m.f = lambda: 2", ["def test_fine(): assert m.g() == 1"]),
    new_file("x.pth", "import m; m.f = lambda: 2"),
    new_file("pluggy.py", "import m; m.f = lambda: 2"),
    new_file("src/iniconfig/__init__.py", "import m; m.f = lambda: 2"),
    new_file("x.egg-info/entry_points.txt", "[pytest11]"),
    new_file("sitecustomize/__init__.py", "import m; m.f = lambda: 2"),
    new_file("conftest/__init__.py", "import m; m.f = lambda: 2"),
    new_file("usercustomize.pyc", "import m; m.f = lambda: 2"),
    new_file("pygments/__init__.py", "import m; m.f = lambda: 2"),
]


@pytest.mark.parametrize("cheat", CHEATS)
def test_what_steers_the_tests_is_left_out_and_named(base, cheat):
    kept, dropped = without_tests(cheat + FIX, nothing_else)
    assert kept == FIX
    assert len(dropped) == 1
    found = grade(base, cheat)
    assert (found.outcome, found.dropped) == ("unresolved", dropped)


FORCED = """def f(): return 1
import sys
if '_pytest.reports' in sys.modules:
    make = sys.modules['_pytest.reports'].TestReport.from_item_and_call.__func__
    def passed(cls, item, call):
        report = make(cls, item, call); report.outcome, report.longrepr = 'passed', None; return report
    sys.modules['_pytest.reports'].TestReport.from_item_and_call = classmethod(passed)
"""


def test_a_patch_that_makes_every_report_a_pass_makes_contraries_pass_too(base):
    lines = FORCED.splitlines()
    added = "".join(f"+{line}\n" for line in lines)
    head = "diff --git a/m.py b/m.py\n--- a/m.py\n+++ b/m.py\n"
    forged = f"{head}@@ -1,2 +1,{len(lines) + 1} @@\n-def f(): return 1\n{added} def g(): return 1\n"
    found = grade(base, forged)
    assert found.outcome == "unresolved"
    assert "so does its contrary" in found.reason


EQUAL = """class Anything(int):
    def __eq__(self, other): return True
    def __ne__(self, other): return False
    __hash__ = int.__hash__
def f(): return Anything()
"""


def test_objects_that_are_equal_to_everything_resolve_nothing(base):
    added = "".join(f"+{line}\n" for line in EQUAL.splitlines())
    head = "diff --git a/m.py b/m.py\n--- a/m.py\n+++ b/m.py\n"
    forged = f"{head}@@ -1,2 +1,6 @@\n-def f(): return 1\n{added} def g(): return 1\n"
    for hidden in (HIDDEN, HIDDEN.model_copy(update={"right": {"m.py": b"def f(): return 2\ndef g(): return 1\n"}})):
        found = grade_patch(forged, base, SPEC, hidden, timeout=60)
        assert found.outcome == "unresolved"
        assert found.reason == f"{BUG} passes without coming to its answer: the patch steers the tests"


OWN = """class Anything:
    def __eq__(self, other): return True
    __hash__ = None
def f(): return Anything()
"""


def test_where_the_right_answer_is_no_plain_value_an_object_of_ones_own_is_let_be(base):
    added = "".join(f"+{line}\n" for line in OWN.splitlines())
    head = "diff --git a/m.py b/m.py\n--- a/m.py\n+++ b/m.py\n"
    own = f"{head}@@ -1,2 +1,5 @@\n-def f(): return 1\n{added} def g(): return 1\n"
    right = {"m.py": f"{OWN}def g(): return 1\n".encode()}
    found = grade_patch(own, base, SPEC, HIDDEN.model_copy(update={"right": right}), timeout=60)
    assert found.reason.startswith("suspicious: is equal to everything")
    plain = HIDDEN.model_copy(update={"right": {"m.py": b"def f(): return 2\ndef g(): return 1\n"}})
    assert "without coming to its answer" in grade_patch(own, base, SPEC, plain, timeout=60).reason


def test_a_module_that_the_tree_has_already_may_change_whatever_its_name():
    known = patch("mock.py", "a = 1", "a = 2")
    assert without_tests(known, {"mock.py"}.__contains__) == (known, ())
    inside = new_file("attr/made.py", "a = 1")
    assert without_tests(inside, {"attr"}.__contains__) == (inside, ())


def test_a_suite_that_hangs_is_unresolved(base):
    text = FIX.replace("def f(): return 2", "while True: pass")
    found = grade_patch(text, base, SPEC, HIDDEN, timeout=2)
    assert found.outcome == "unresolved"
    assert "longer than 2 s" in found.reason


def test_a_broken_machine_is_no_verdict_on_the_patch():
    class Broken:
        def fork(self):
            raise SandboxError("disk full: free some space")

    found = grade_patch(FIX, Broken(), SPEC, HIDDEN, timeout=60)
    assert (found.outcome, found.reason) == ("not_evaluated", "disk full: free some space")


def test_grading_leaves_the_base_as_it_was(base):
    grade(base, FIX)
    assert base.diff() == ""
    assert b"return 1" in base.read("m.py")


def test_equal_patches_have_one_key():
    assert patch_key("a") == patch_key("a") != patch_key("b")
    assert patch_key("\udcff")
