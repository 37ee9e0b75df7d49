"""What is compiled beside a tree; on the real sandbox, with the pytest of an environment."""

import re

from environments.sandboxes.bubblewrap import BubblewrapSandbox, host_root
from environments.sandboxes.bubblewrap.host_root import SITE_PACKAGES
from environments.task import EnvironmentSpec
from environments.trees.worktree import one_commit
from environments.workbench.forks.bytecode import CACHE, with_bytecode
from environments.workbench.python_env import site_packages

SPEC = EnvironmentSpec(
    packages=("pytest==8.4.2", "iniconfig==2.1.0", "pluggy==1.6.0", "packaging==25.0", "pygments==2.19.2")
)
TESTS = """import unittest

class TestSum(unittest.TestCase):
    def test_right(self):
        self.assertEqual(sum([1]), 1)

def test_wrong():
    assert sum([1]) == 2
"""
SOURCE_COMPILED = re.compile(r"^# code object from ([^'\n]+)$", re.MULTILINE)
"""What ``python -v`` says of a module without byte code."""


def test_a_run_of_pytest_compiles_the_trees_tests_alone(tmp_path):
    (tmp_path / "source").mkdir()
    (tmp_path / "source/test_sum.py").write_text(TESTS)
    (tmp_path / "source/mine.py").write_text("raise SystemExit(9)\n")
    (tmp_path / "layer").mkdir()
    one_commit(tmp_path / "source", tmp_path / "layer/testbed")
    binds = {SITE_PACKAGES: site_packages(SPEC)}
    environment = {"PYTHONPYCACHEPREFIX": CACHE, "PYTHONDONTWRITEBYTECODE": "1"}
    program = "import pytest; pytest.main(['-q', '-p', 'no:cacheprovider', '--junit-xml=/tmp/report.xml'])"
    words = ["python", "-v", "-c", program]
    with BubblewrapSandbox.create([tmp_path / "layer"], binds=binds, root=host_root(), run_id="test") as base:
        with with_bytecode(base) as warm:
            assert warm.diff() == ""
            ran = warm.run(words, env=environment)
        with base.fork() as cold:
            without = cold.run(words, env=environment)
    assert "1 failed, 1 passed" in ran.text
    assert [path for path in SOURCE_COMPILED.findall(ran.text) if not path.startswith("/testbed/")] == []
    assert len(SOURCE_COMPILED.findall(without.text)) > 100
