"""Runs tests on a task's base tree and on patched copies of it: each (test, patch) once, each in its own fork."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from functools import cached_property, partial
from pathlib import Path
from types import TracebackType
from typing import Any, Self, TypeVar

from environments.sandboxes.contract import Sandbox, SandboxError
from environments.sandboxes.lease import Lease
from environments.sandboxes.read_many import read_many
from environments.task import Task
from environments.workbench.contraries import AS_IT_IS, Look
from environments.workbench.execution_record import ExecutionRecord, Key, header_of
from environments.workbench.forks.base_files import BaseFiles
from environments.workbench.forks.live_fork import LiveFork
from environments.workbench.forks.patched_trees import DoesNotApply, PatchedTrees, patch_hash
from environments.workbench.forks.tree_contents import TreeContents, barred_paths
from environments.workbench.one_run import OneRun
from environments.workbench.open_sandboxes import OpenSandboxes
from environments.workbench.outcome import Execution, GeneratedTest
from environments.workbench.scripts.standby import StandBy
from environments.workbench.suites.suite_run import SUITE, SuiteRun, part_name
from environments.workbench.suites.suite_runner import tree_files
from environments.workbench.test_facts import TestFacts, facts_of
from environments.workbench.test_module import IN_TREE, weighed
from environments.workbench.tests_at_once import TURNS

Cell = tuple[GeneratedTest, str | None, int]
"""A test, a patch (None: the base) and the number of the repeat, from 0."""

T = TypeVar("T")


class Workbench:
    """All test runs of one task. A context manager; safe to use from any thread.

    What stands on the record is not run again, and callers that ask for the same run at the same time share one.
    A failure of the sandbox itself raises SandboxError and is not recorded.
    """

    def __init__(
        self,
        base: Sandbox,
        task: Task,
        *,
        record: Path,
        lease: Lease,
        workers: int = 2,
        test_timeout: float = 30.0,
        suite_timeout: float = 300.0,
        sandboxes: OpenSandboxes | None = None,
    ) -> None:
        """``base`` stays the caller's to close and is never written to; timeouts in seconds of one run.

        ``sandboxes``: what the process has open, of all its workbenches; None: no bound.
        """
        self.task = task
        self.suite_paths = task.environment.test_paths
        """The test files that ``suite`` runs, where that is not all of them; set before the first suite is."""
        self._narrowed = False
        self._base = base
        self._base_files = BaseFiles(base.read)
        self._lease = lease
        self._timeouts = test_timeout, suite_timeout
        self._record = ExecutionRecord(record, header_of(task))
        self._trees = PatchedTrees(base, sandboxes, task.environment.python_path)
        self._standby = StandBy(self._trees, task.environment, workers)
        self._runs = OneRun(self._trees, self._standby, task.environment)
        self._pool = ThreadPoolExecutor(workers, thread_name_prefix="workbench")
        self._lock = threading.Lock()
        self._under_way: dict[Key, Future[Any]] = {}
        self._closed = False

    def run(self, test: GeneratedTest, patch: str | None = None, repeat: int = 0) -> Execution:
        """Run one test on the base or on a patched tree; a patch that does not apply is an error outcome."""
        return self.run_many([(test, patch, repeat)])[0]

    def run_many(self, cells: Iterable[Cell], *, seconds: float | None = None) -> list[Execution]:
        """Run many tests in parallel; the answers stand in the order of the cells.

        ``seconds``: a shorter limit of each, for whoever tries many; such a run stands in for no other.
        """
        cells = list(cells)
        modules = {test.id: test for test, patch, _ in cells if test.kind in IN_TREE and patch is not None}
        bases = [(test, None, 0) for test in modules.values()]  # their cases are weighed against the base's
        answers = self._gather([*map(self._ask_cell, bases), *(self._ask_cell(cell, seconds) for cell in cells)])
        runs = [Execution.model_validate(answer) for answer in answers]
        on_base = dict(zip(modules, runs, strict=False))
        return [
            run if patch is None or test.id not in on_base else weighed(run, on_base[test.id])
            for (test, patch, _), run in zip(cells, runs[len(bases) :], strict=True)
        ]

    def suite(self, patch: str | None = None, repeat: int = 0) -> SuiteRun:
        """Run the repository's existing tests on the base or on a patched tree."""
        return self.suites([(patch, repeat)])[0]

    def suites(self, trees: Iterable[tuple[str | None, int]]) -> list[SuiteRun]:
        """Run the existing tests on many trees in parallel; (patch, repeat) each."""
        name, paths, seconds = self._suite_name(), self.suite_paths, self._timeouts[1]
        futures = [
            self._ask(name, patch, repeat, partial(self._runs.suite, patch, paths, seconds)) for patch, repeat in trees
        ]
        return [SuiteRun.model_validate(answer) for answer in self._gather(futures)]

    def narrow(self, paths: Sequence[str]) -> None:
        """Have ``suite`` run fewer files from now on, which is another suite on the record."""
        self.suite_paths, self._narrowed = tuple(paths), True

    def part(
        self,
        paths: Sequence[str],
        trees: Iterable[tuple[str | None, int]],
        *,
        seconds: float,
        look: Look = AS_IT_IS,
    ) -> list[SuiteRun]:
        """Run some files of the existing tests, each run within a time of its own; see ``suites``.

        ``look``: files that stand there in place of the tree's own, and the answers that they are not told.
        """
        name = f"{part_name(paths, look.files)} in {seconds:.0f} s"
        futures = [
            self._ask(name, patch, repeat, partial(self._runs.suite, patch, tuple(paths), seconds, look))
            for patch, repeat in trees
        ]
        return [SuiteRun.model_validate(answer) for answer in self._gather(futures)]

    def live(self, patch: str | None = None) -> LiveFork:
        """Return a fork of the base, or of a patched tree, to work in; nothing done in it is recorded here."""
        return LiveFork(self._trees, self.task.environment, self._lease, patch)

    def apart(self, work: Callable[[Sandbox], T], patch: str | None = None) -> T:
        """Do something in a fork of the base, or of a patched tree, as a test is run; nothing is recorded here."""
        with TURNS.turn(), self._lease.tests(), self._trees.fork(patch) as fork:
            done = work(fork)
            if self._closed:
                raise SandboxError("The workbench was closed while a test was running.")
            return done

    def applies(self, patch: str) -> str | None:
        """Return None if the patch applies to the base, else git's message."""
        try:
            with self._trees.fork(patch, whole=True):
                return None
        except DoesNotApply as error:
            return str(error)

    @property
    def suite_timeout(self) -> float:
        """Seconds that one run of the existing tests may take."""
        return self._timeouts[1]

    @property
    def secret(self) -> str:
        """A word that no code under test can know, the same for all of the task's runs."""
        return self._record.secret

    @cached_property
    def facts(self) -> TestFacts:
        """What whoever writes a test must know of the place where it will run."""
        return facts_of(self.task.environment, self._contents, seconds=self._timeouts[0])

    def files(self) -> list[str]:
        """Return the base tree's Python files, relative to its root; a link is none, wherever it leads."""
        return list(self._contents)

    def contents(self) -> dict[str, bytes]:
        """Return the base tree's Python files, read once and at a stroke: a command for each would take minutes."""
        return self._contents

    def everything(self) -> TreeContents:
        """Return the base tree's files of every kind; those that are not Python are read when they are asked for."""
        return self._everything

    def read(self, path: str) -> bytes:
        """Return a file of the base tree. FileNotFoundError when there is none."""
        return self._base_files.read(path)

    def close(self) -> None:
        """End what is under way, unrecorded, and close the forks and the record; idempotent."""
        self._closed = True
        self._pool.shutdown(wait=False, cancel_futures=True)
        self._trees.close()
        self._standby.close()
        self._pool.shutdown(wait=True)
        self._record.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    @cached_property
    def _contents(self) -> dict[str, bytes]:
        with self._trees.fork(None) as fork:
            return read_many(fork, [path for path in tree_files(fork) if path.endswith(".py")])

    @cached_property
    def _everything(self) -> TreeContents:
        known = self._contents
        with self._trees.fork(None) as fork:
            return TreeContents(tree_files(fork), known, self._base.read, barred_paths(fork))

    def _ask(
        self,
        test: str,
        patch: str | None,
        repeat: int,
        perform: Callable[[], Any],
        announce: Callable[[str | None], None] = lambda _: None,
    ) -> Future[Any]:
        """Return the answer of one run: from the record, from a run under way, or from a new one, announced."""
        key = (test, patch_hash(patch), repeat)
        with self._lock:
            known = self._record.get(key)
            if known is not None:
                done: Future[Any] = Future()
                done.set_result(known)
                return done
            if key not in self._under_way:
                announce(patch)
                self._under_way[key] = self._pool.submit(self._perform, key, perform)
            return self._under_way[key]

    def _perform(self, key: Key, perform: Callable[[], Any]) -> Any:
        try:
            # A turn first: whoever holds the lease keeps the local model waiting, and should be running.
            with TURNS.turn(), self._lease.tests():
                answer = perform().model_dump(mode="json")
            if self._closed:  # its sandbox was closed under it: that is no outcome
                raise SandboxError("The workbench was closed while a test was running.")
            self._record.put(key, answer)
            return answer
        finally:
            with self._lock:
                self._under_way.pop(key, None)

    def _gather(self, futures: Sequence[Future[Any]]) -> list[Any]:
        try:
            return [future.result() for future in futures]
        finally:
            self._record.sync()

    def _ask_cell(self, cell: Cell, seconds: float | None = None) -> Future[Any]:
        test, patch, repeat = cell
        limit = self._timeouts[0] if seconds is None else min(seconds, self._timeouts[0])
        name = test.id if limit == self._timeouts[0] else f"{test.id} in {limit:.0f} s"
        if test.kind in IN_TREE:
            return self._ask(name, patch, repeat, partial(self._runs.module, test, patch, limit))
        return self._ask(name, patch, repeat, partial(self._runs.script, test, patch, limit), self._standby.expect)

    def _suite_name(self) -> str:
        """Name the suite on the record: one that was narrowed by what its first run showed is another one."""
        chosen = self.task.environment.test_command and not self._narrowed
        if chosen or self.suite_paths == self.task.environment.test_paths:
            return SUITE
        return part_name(self.suite_paths)
