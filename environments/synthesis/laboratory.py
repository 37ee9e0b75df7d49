"""A package under test: its trees as sandboxes in which the suite and small probes run."""

from __future__ import annotations

import hashlib
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from types import TracebackType
from typing import Self

from environments.sandboxes.bubblewrap import BubblewrapSandbox
from environments.sandboxes.contract import Limits, Result
from environments.synthesis.catalogue import Package
from environments.synthesis.sdists import unpack
from environments.trees.worktree import one_commit
from environments.workbench.environment_sandbox import environment_sandbox
from environments.workbench.outcome import Outcome
from environments.workbench.scripts.script_runner import python_command
from environments.workbench.suites.suite_run import SuiteRun
from environments.workbench.suites.suite_runner import run_suite
from environments.workbench.tests_at_once import TURNS

SUITE_TIMEOUT = 30.0
"""Seconds; the catalogue's suites take under five, and a mutant that loops for ever costs this much."""
PROBE_TIMEOUT = 30.0

Changes = Mapping[str, bytes]
"""Files of the tree that differ from the sdist: path relative to the tree's root -> bytes."""


class Laboratory:
    """The package's original tree as a sandbox, forked for every mutant. A context manager."""

    def __init__(
        self,
        package: Package,
        *,
        cache: Path | None = None,
        run_id: str = "synthesis",
        suite_seconds: float = SUITE_TIMEOUT,
    ) -> None:
        """Fetch and unpack the package. Raises SdistError, PythonEnvironmentError or SandboxError."""
        self._suite_seconds = suite_seconds
        self.package = package
        self.cache = cache
        self._folder = tempfile.TemporaryDirectory(prefix="runoff-laboratory-")
        top = Path(self._folder.name)
        unpacked = top / "sdist"
        unpack(package.sdist(cache), unpacked)
        self.tree = top / "layer" / "testbed"
        one_commit(unpacked, self.tree)
        limits = Limits(memory=512 << 20, processes=64, cpu_seconds=120)
        self._base = environment_sandbox(top / "layer", package.environment, run_id=run_id, limits=limits, cache=cache)

    def read(self, path: str) -> bytes:
        """Return a file of the original tree."""
        return (self.tree / path).read_bytes()

    @contextmanager
    def fork(self, changes: Changes) -> Iterator[BubblewrapSandbox]:
        """Yield a sandbox of the original tree with some files changed."""
        with self._base.fork() as sandbox:
            for path, content in changes.items():
                sandbox.write(path, content)
            yield sandbox

    def suite(self, changes: Changes, *, stop_after: int = 0) -> SuiteRun:
        """Run the suite on a changed tree; ``stop_after`` failures, if given, end it early."""
        spec = self.package.environment
        if stop_after:
            spec = spec.model_copy(update={"test_args": (*spec.test_args, f"--maxfail={stop_after}")})
        with self.fork(changes) as sandbox:
            return run_suite(sandbox, spec, timeout=self._suite_seconds)

    def python(self, changes: Changes, *arguments: str, stdin: bytes = b"", timeout: float = PROBE_TIMEOUT) -> Result:
        """Run Python on a changed tree, as the suite would run it."""
        with self.fork(changes) as sandbox, TURNS.turn():
            return sandbox.run(python_command(self.package.environment, *arguments), timeout=timeout, stdin=stdin)

    def close(self) -> None:
        """Remove every trace. Idempotent."""
        self._base.close()
        self._folder.cleanup()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


def failing(run: SuiteRun) -> frozenset[str]:
    """Return the tests of a run that failed or errored."""
    return frozenset(test for test, outcome in run.outcomes.items() if outcome in (Outcome.FAIL, Outcome.ERROR))


def passing(run: SuiteRun) -> frozenset[str]:
    """Return the tests of a run that passed."""
    return frozenset(test for test, outcome in run.outcomes.items() if outcome is Outcome.PASS)


def short_hash(*parts: str) -> str:
    """Return six hex digits that tell nothing of what they were made from."""
    return hashlib.sha256("\0".join(parts).encode()).hexdigest()[:6]
