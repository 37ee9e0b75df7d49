"""Byte code beside a tree, compiled once, so that every fork of it starts its Python without compiling.

It lies outside the tree. That of the tree itself is checked by the hash of its source each time it is read, since a
patch may change a file without changing its size or the second of its date.
"""

from __future__ import annotations

import logging

from environments.sandboxes.contract import WORKTREE, Sandbox

CACHE = "/tmp/runoff/bytecode"
"""Where the byte code lies inside the sandbox; PYTHONPYCACHEPREFIX of every run."""

COMPILE_SECONDS = 300.0
"""What compiling a tree may take; what is not done by then is compiled by each run for itself."""

_RUN = """
import os, shutil, sys, tempfile
import pytest
folder = tempfile.mkdtemp()
test = os.path.join(folder, "test_once.py")
with open(test, "w") as file:
    file.write("import unittest, pytest\\n")
    file.write("class TestOnce(unittest.TestCase):\\n")
    file.write("    def test_passes(self):\\n        self.assertEqual([1], [1])\\n")
    file.write("@pytest.mark.xfail\\ndef test_fails():\\n    assert [1] == [2]\\n")
report = "--junit-xml=" + os.path.join(folder, "report.xml")
code = pytest.main(["-q", "-c", os.devnull, "--rootdir=" + folder, "-p", "no:cacheprovider", report, test])
shutil.rmtree(folder)
shutil.rmtree(sys.pycache_prefix + folder, ignore_errors=True)
sys.exit(code)
"""
_INSTALLED = ("python", "-c", _RUN)
"""A run of two tests of our own, by pytest and by unittest: all that any run imports, with the plugins installed."""
_TESTS = r"/tests/"
"""What is left out: pytest and SymPy compile tests themselves, and of the others' a run imports few of many."""
_TREE = ("python", "-m", "compileall", "-q", "-x", _TESTS, "--invalidation-mode", "checked-hash", WORKTREE)

_log = logging.getLogger(__name__)


def with_bytecode(base: Sandbox) -> Sandbox:
    """Return a fork of ``base`` that holds the byte code of pytest and of the tree; no code of the tree is run."""
    fork = base.fork()
    compile_packages(fork)
    _written(fork, "the tree's", _TREE)
    return fork


def compile_packages(sandbox: Sandbox) -> None:
    """Have a sandbox hold the byte code of all that a run of pytest imports; at once where it does already."""
    _written(sandbox, "pytest's", _INSTALLED)


def _written(sandbox: Sandbox, what: str, command: tuple[str, ...]) -> None:
    environment = {"PYTHONPYCACHEPREFIX": CACHE, "PYTHONDONTWRITEBYTECODE": ""}
    result = sandbox.run(command, cwd="/", timeout=COMPILE_SECONDS, env=environment)
    if result.exit_code != 0:  # files that are no valid Python, no pytest, out of time: it only costs speed
        _log.debug("%s byte code: exit code %s: %s", what, result.exit_code, result.text[-500:])
