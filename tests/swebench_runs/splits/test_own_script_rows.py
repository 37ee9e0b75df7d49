"""A row of a repository that no table knows, by its own script, in an image laid out as published ones are."""

import json
import subprocess
import tarfile
from uuid import uuid4

import docker_images
import hidden_fix
import pytest

from environments.sandboxes.docker import connect
from swebench_runs.after_run.validation import stored
from swebench_runs.cli import run_command
from swebench_runs.official import marks

pytestmark = pytest.mark.skipif(not docker_images.possible(), reason=docker_images.WHY_NOT)

TESTS = """import code_ as code
import sys

for name, good in (("old", callable(code.f)), ("new", code.f() == "right")):
    print("PASSED" if good else "FAILED", f"t.py::{name}")
sys.exit(code.f() != "right")
"""
GOLD = """diff --git a/code_.py b/code_.py
--- a/code_.py
+++ b/code_.py
@@ -1,2 +1,2 @@
 def f():
-    return "wrong"
+    return "right"
"""
SCRIPT = """#!/bin/bash
set -uxo pipefail
source /opt/miniconda3/bin/activate
cd /testbed
git status
git show
git checkout {base} {file}
git apply -v - <<'EOF_1'
{test_patch}EOF_1
: '{start}'
{command}
: '{end}'
git checkout {base} {file}
"""


GO_TESTS = """echo "--- FAIL: TestOld (0.00s)"
echo "a test of that name in the next package:"
echo "--- PASS: TestOld (0.00s)"
grep -q right code_.py && did=PASS || did=FAIL
echo "--- $did: TestNew (0.00s)"
echo "a package beside cannot be built"
exit 1
"""


def made_rows(folder, file, tests, command, set_up, **fields):
    """Write a file of one row, whose image is on the engine; return both names."""
    tree = folder / "testbed"
    hidden_fix.git(folder, "init", "-q", str(tree))
    (tree / "code_.py").write_text('def f():\n    return "wrong"\n')
    (tree / file).write_text("")
    base = hidden_fix.commit(tree, "base")
    (tree / file).write_text(tests)
    test_patch = hidden_fix.git(tree, "diff").decode()
    hidden_fix.git(tree, "checkout", "-q", file)
    with tarfile.open(folder / "context.tar", "w") as archive:
        archive.add(tree, "testbed")
    subprocess.run(["rm", "-r", tree], check=True)
    (folder / "Dockerfile").write_text(f"FROM {docker_images.base()}\nADD context.tar /\nRUN {set_up}\n")
    name = f"runoff-test/own:{uuid4().hex[:8]}"
    said = list(connect().api.build(path=str(folder), tag=name, rm=True, forcerm=True, decode=True))
    assert not any("error" in line for line in said), said
    script = SCRIPT.format(
        base=base, file=file, command=command, test_patch=test_patch, start=marks.START, end=marks.END
    )
    row = {
        "repo": "nobody/knows", "instance_id": "nobody__knows-1", "base_commit": base, "problem_statement": "wrong",
        "patch": GOLD, "test_patch": test_patch, "image": name, "eval_type": "pass_and_fail", "eval_script": script,
        **fields,
    }  # fmt: skip
    rows = folder / "rows.jsonl"
    rows.write_text(json.dumps(row) + "\n")
    return rows, name


@pytest.fixture(scope="module")
def rows(tmp_path_factory):
    file, image = made_rows(
        tmp_path_factory.mktemp("own"),
        "t.py",
        TESTS,
        "python3 t.py",
        "touch /root/.bashrc && ln -s python3 /usr/bin/python",
        log_parser="parse_log_pytest",
        FAIL_TO_PASS=["t.py::new"],
        PASS_TO_PASS=["t.py::old"],
    )
    yield file
    connect().api.remove_image(image, force=True)


@pytest.fixture
def go_rows(tmp_path):
    """Rows of another language, in an image without any Python, whose test command fails whatever the tests do."""
    file, image = made_rows(
        tmp_path,
        "t.sh",
        GO_TESTS,
        "bash t.sh",
        "touch /root/.bashrc && rm -f /usr/bin/python*",
        log_parser="parse_log_gotest",
        FAIL_TO_PASS=["TestNew"],
        PASS_TO_PASS=["TestOld"],
    )
    yield file
    connect().api.remove_image(image, force=True)


def validated(rows, folder, *words):
    code = run_command(["validate", "--gold", "--subset", str(rows), "-o", str(folder), *words])
    return code, *stored(folder / "validation.jsonl")


def test_gold_is_resolved_and_no_patch_is_not(rows, tmp_path, caplog):
    code, found = validated(rows, tmp_path, "--pull")
    assert (code, found.why, found.valid, found.strict) == (0, "", True, True)
    assert (found.layer, found.gold.canary) == ("", "impossible")
    assert "the row's own script is used" in caplog.text
    assert "+ python3 t.py" in (tmp_path / "logs/nobody__knows-1/gold.log").read_text()


def test_without_its_image_nothing_can_be_built(rows, tmp_path):
    code, found = validated(rows, tmp_path)
    assert code != 0
    assert "no environment is known for the repository 'nobody/knows'" in found.problem


def test_logs_that_nobody_reads_are_told_so(rows, tmp_path):
    row = json.loads(rows.read_text())
    other = tmp_path / "other.jsonl"
    other.write_text(json.dumps({**row, "log_parser": "parse_log_p5js"}) + "\n")
    code, found = validated(other, tmp_path / "out", "--pull")
    assert code != 0
    assert "no reader of test logs is called 'parse_log_p5js'" in found.why


def test_a_row_of_another_language_needs_no_python_and_is_judged_by_its_log_alone(go_rows, tmp_path):
    code, found = validated(go_rows, tmp_path / "out", "--pull")
    assert (code, found.why, found.valid, found.strict) == (0, "", True, True)
    assert "Test Exit Code" not in (tmp_path / "out/logs/nobody__knows-1/gold.log").read_text()
