"""A row of a repository that no table knows, by its own script, in an image laid out as published ones are."""

import json
import subprocess
import tarfile
from uuid import uuid4

import docker_images
import hidden_fix
import pytest

from environments.docker import connect
from swebench_runs.cli import run_command
from swebench_runs.official import marks
from swebench_runs.validation import stored

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
git checkout {base} t.py
git apply -v - <<'EOF_1'
{test_patch}EOF_1
: '{start}'
python3 t.py
: '{end}'
git checkout {base} t.py
"""


@pytest.fixture(scope="module")
def rows(tmp_path_factory):
    """A file of one row, whose image is on the engine."""
    folder = tmp_path_factory.mktemp("own")
    tree = folder / "testbed"
    hidden_fix.git(folder, "init", "-q", str(tree))
    (tree / "code_.py").write_text('def f():\n    return "wrong"\n')
    (tree / "t.py").write_text("")
    base = hidden_fix.commit(tree, "base")
    (tree / "t.py").write_text(TESTS)
    test_patch = hidden_fix.git(tree, "diff").decode()
    hidden_fix.git(tree, "checkout", "-q", "t.py")
    with tarfile.open(folder / "context.tar", "w") as archive:
        archive.add(tree, "testbed")
    subprocess.run(["rm", "-r", tree], check=True)
    (folder / "Dockerfile").write_text(
        f"FROM {docker_images.base()}\nADD context.tar /\nRUN touch /root/.bashrc && ln -s python3 /usr/bin/python\n"
    )
    name = f"runoff-test/own:{uuid4().hex[:8]}"
    said = list(connect().api.build(path=str(folder), tag=name, rm=True, forcerm=True, decode=True))
    assert not any("error" in line for line in said), said
    row = {
        "repo": "nobody/knows", "instance_id": "nobody__knows-1", "base_commit": base, "problem_statement": "wrong",
        "patch": GOLD, "test_patch": test_patch, "FAIL_TO_PASS": ["t.py::new"], "PASS_TO_PASS": ["t.py::old"],
        "image": name, "log_parser": "parse_log_pytest", "eval_type": "pass_and_fail",
        "eval_script": SCRIPT.format(base=base, test_patch=test_patch, start=marks.START, end=marks.END),
    }  # fmt: skip
    file = folder / "rows.jsonl"
    file.write_text(json.dumps(row) + "\n")
    yield file
    connect().api.remove_image(name, force=True)


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
    other.write_text(json.dumps({**row, "log_parser": "parse_log_gotest"}) + "\n")
    code, found = validated(other, tmp_path / "out", "--pull")
    assert code != 0
    assert "no reader of test logs is called 'parse_log_gotest'" in found.why
