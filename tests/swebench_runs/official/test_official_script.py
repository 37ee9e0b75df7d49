"""The evaluation script, run by a real bash over a real repository."""

import subprocess

import pytest

from environments.workbench.test_logs import READERS, Status
from swebench_runs.official import read_log
from swebench_runs.official.eval_script import TestFiles, directives, eval_script, touched_files
from swebench_runs.official.evaluation_log import LogProblem
from swebench_runs.official.marks import END, EXIT_CODE, START
from swebench_runs.official.own_script import OwnScriptError, own_script, says_code

OLD = "assert old\n"
NEW = "assert new\n"


@pytest.fixture
def tree(tmp_path):
    tree = tmp_path / "tree"
    (tree / "tests").mkdir(parents=True)
    (tree / "tests/test old.py").write_text(OLD)
    git(tree, "init", "-q")
    git(tree, "add", "-A")
    git(tree, "commit", "-q", "-m", "base")
    return tree


def git(tree, *words):
    identity = ["-c", "user.name=t", "-c", "user.email=t@t"]
    return subprocess.run(["git", *identity, *words], cwd=tree, check=True, capture_output=True, text=True).stdout


@pytest.fixture
def hidden_patch(tree):
    (tree / "tests/test old.py").write_text(NEW)
    (tree / "tests/test_new.py").write_text(NEW)
    (tree / "tests/data.json").write_text("{}\n")
    git(tree, "add", "-A")
    patch = git(tree, "diff", "--cached")
    git(tree, "reset", "-q", "--hard")
    return patch


def run(tree, hidden_patch, command, arguments=(), patch_text=None):
    path = tree.parent / "test patch.diff"
    path.write_text(hidden_patch if patch_text is None else patch_text)
    script = eval_script(
        test_patch=hidden_patch, test_patch_path=str(path), command=command, arguments=arguments, worktree=str(tree)
    )
    done = subprocess.run(
        ["bash", "-c", script], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False
    )
    return done.returncode, done.stdout


def test_the_runner_is_told_the_test_files_and_no_others(hidden_patch):
    assert directives(hidden_patch) == ["tests/test old.py", "tests/test_new.py"]
    assert directives(hidden_patch, dotted=True) == ["test old", "test_new"]
    assert directives("diff --git a/tests/x/tests.py b/tests/x/tests.py\n", dotted=True) == ["x.tests"]
    assert directives("diff --git a/a.csv b/a.csv\ndiff --git a/b.yaml b/b.yaml\n") == []


def test_files_are_old_or_new(hidden_patch):
    assert touched_files(hidden_patch) == TestFiles(
        existing=("tests/test old.py",), new=("tests/data.json", "tests/test_new.py")
    )
    renamed = "diff --git a/t/a.py b/t/b.py\nsimilarity index 100%\nrename from t/a.py\nrename to t/b.py\n"
    assert touched_files(renamed) == TestFiles(existing=("t/a.py",), new=("t/b.py",))


def test_the_tests_see_the_rows_files_whatever_the_patch_put_there(tree, hidden_patch):
    (tree / "tests/test old.py").write_text("assert tampered\n")
    (tree / "tests/test_new.py").mkdir()
    (tree / "tests/data.json").write_text("tampered\n")
    code, said = run(tree, hidden_patch, "cat", ["tests/test old.py", "tests/test_new.py"])
    assert (code, said) == (0, f"{START}\n{NEW}{NEW}{END}\n{EXIT_CODE}: 0\n")
    assert git(tree, "status", "--porcelain") == ""


def test_the_exit_code_of_the_tests_is_told_and_kept(tree, hidden_patch):
    code, said = run(tree, hidden_patch, "echo PASSED t::one; (exit 3)")
    assert code == 3
    assert read_log(said, READERS["pytest"]).problem is LogProblem.CONTRADICTED


def test_a_test_patch_that_does_not_apply_ends_it(tree, hidden_patch):
    code, said = run(
        tree, hidden_patch, "echo PASSED t::one", patch_text=hidden_patch.replace("-assert old", "-assert other")
    )
    assert code == 98
    assert read_log(said, READERS["pytest"]).problem is LogProblem.MARKED


def test_names_in_a_row_are_never_code(tree):
    name = "tests/$(touch hit); touch hit #"
    patch = f"diff --git a/{name} b/{name}\nnew file mode 100644\n--- /dev/null\n+++ b/{name}\n@@ -0,0 +1 @@\n+x\n"
    code, _ = run(tree, patch, "cat", directives(patch))
    assert code == 0
    assert not (tree / "hit").exists()


OWN = f"""#!/bin/bash
set -uxo pipefail
git status
git show
git -c core.fileMode=false diff {"a" * 40}
git checkout {"a" * 40} tests
: '{START}'
echo PASSED t::one; false
: '{END}'
git checkout {"a" * 40} tests
"""


def test_a_rows_own_script_says_how_its_tests_ended_and_ends_so():
    script = own_script(OWN.replace("git", "true #"), None, with_code=True)
    done = subprocess.run(["bash", "-c", script], capture_output=True, text=True, check=False)
    reading = read_log(done.stderr + done.stdout, READERS["pytest"])
    assert (done.returncode, reading.exit_code) == (1, 1)
    assert reading.problem is LogProblem.CONTRADICTED
    fine = own_script(OWN.replace("git", "true #").replace("false", "true"), None, with_code=True)
    done = subprocess.run(["bash", "-c", fine], capture_output=True, text=True, check=True)
    assert read_log(done.stderr + done.stdout, READERS["pytest"]).statuses == {"t::one": Status.PASSED}


def test_a_rows_own_script_shows_nothing_of_the_patch_and_means_the_one_commit():
    script = own_script(OWN, "a" * 40, with_code=True)
    assert "aaa" not in script
    assert [line for line in script.splitlines() if line.startswith("git")] == ["git checkout HEAD tests"] * 2


@pytest.mark.parametrize("end", ["\r", "\x0c", "\u2028"])
def test_a_test_patch_in_a_rows_own_script_keeps_its_other_ends_of_lines(end):
    line = f"+a line{end}"
    assert line in own_script(f"{line}\n{OWN}", None, with_code=True).split("\n")


def test_a_rows_own_script_that_says_its_exit_code_is_left_to_say_it():
    said = OWN.replace(f": '{END}'", f"code=$?\n: '{END}'\necho '{EXIT_CODE}: '$code")
    assert says_code(said)
    assert "runoff_code" not in own_script(said, None, with_code=False)


@pytest.mark.parametrize("script", ["", "true\n", OWN.replace(END, "x"), OWN + OWN, f"{END}\n{START}\n"])
def test_a_rows_own_script_without_its_marks_is_refused(script):
    with pytest.raises(OwnScriptError, match="once each, in this order"):
        own_script(script, None, with_code=True)
