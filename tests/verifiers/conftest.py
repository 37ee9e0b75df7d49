"""A small task on the real sandbox, for the verifiers that run tests."""

import pytest

from environments.sandboxes.lease import NoLease
from environments.task import EnvironmentSpec, Task
from environments.trees.worktree import one_commit
from environments.workbench.environment_sandbox import environment_sandbox
from environments.workbench.workbench import Workbench

SPEC = EnvironmentSpec(
    packages=("pytest==8.4.2", "iniconfig==2.1.0", "pluggy==1.6.0", "packaging==25.0", "pygments==2.19.2")
)
FILES = {
    "pkg.py": "def f(x):\n    return x + 2\n\n\ndef g(x):\n    return x\n",
    "test_pkg.py": """
from pkg import f, g

def test_g():
    assert g(1) == 1

def test_f_grows():
    assert f(1) > 1

def test_already_broken():
    assert f(1) == 2
""",
}


@pytest.fixture(scope="session")
def small_base(tmp_path_factory):
    folder = tmp_path_factory.mktemp("task")
    (folder / "source").mkdir()
    for name, text in FILES.items():
        (folder / "source" / name).write_text(text)
    (folder / "layer").mkdir()
    one_commit(folder / "source", folder / "layer" / "testbed")
    with environment_sandbox(folder / "layer", SPEC, run_id="test") as sandbox:
        yield sandbox


@pytest.fixture
def make_bench(small_base, tmp_path):
    def make(name="record", spec=SPEC):
        task = Task(instance_id="t", repo="o/t", base_commit="0", problem_statement="", environment=spec)
        return Workbench(small_base, task, record=tmp_path / f"{name}.jsonl", lease=NoLease(), test_timeout=10)

    return make


@pytest.fixture
def patch_f():
    def patch(line):
        context = " \n \n"
        return f"--- a/pkg.py\n+++ b/pkg.py\n@@ -1,4 +1,4 @@\n def f(x):\n-    return x + 2\n+    {line}\n{context}"

    return patch
