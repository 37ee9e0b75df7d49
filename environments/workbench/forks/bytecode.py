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

_INSTALLED = ("python", "-m", "pytest", "--version")
_TESTS = r"/tests/"
"""What is left out: pytest and SymPy compile tests themselves, and of the others' a run imports few of many."""
_TREE = ("python", "-m", "compileall", "-q", "-x", _TESTS, "--invalidation-mode", "checked-hash", WORKTREE)

_log = logging.getLogger(__name__)


def with_bytecode(base: Sandbox) -> Sandbox:
    """Return a fork of ``base`` that holds the byte code of pytest and of the tree; no code of the tree is run."""
    fork = base.fork()
    environment = {"PYTHONPYCACHEPREFIX": CACHE, "PYTHONDONTWRITEBYTECODE": ""}
    for command in (_INSTALLED, _TREE):
        result = fork.run(command, cwd="/", timeout=COMPILE_SECONDS, env=environment)
        if result.exit_code != 0:  # files that are no valid Python, no pytest, out of time: it only costs speed
            _log.debug("%s ended with exit code %s: %s", command[2], result.exit_code, result.text[-500:])
    return fork
