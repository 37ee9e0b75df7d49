"""The repository's own tests on the base: what no sample waits for before its first call.

What they say is needed once a patch is there. So they run beside the first calls where the model works elsewhere, and
where it shares this machine's cores only when somebody asks. Where nothing else shows what the ground is worth they
come first: a model that is asked on bad ground is paid for nothing.
"""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextvars import copy_context
from typing import overload

from environments.sandboxes.lease import NoLease
from environments.workbench.suites.suite_run import SuiteState
from swebench_runs.one_task import given_tests
from swebench_runs.one_task.ground.preflight import look_at_ground
from swebench_runs.one_task.suite.impacted_tests import impacted_tests
from swebench_runs.one_task.suite.nearby_tests import MOST, existing_tests, nearby_tests
from swebench_runs.one_task.work import Work
from verifiers.regression import Baseline, baseline

MOST_CHANGED = 3
"""Test files that are run for no more than that given patches change them."""
_NOT_RUN = Baseline(
    passing=(), failing=(), flaky=(), problem="there is no patch to hold against them", state=SuiteState.NOT_RUN
)


class BaseSuite:
    """What the existing tests do on the base, measured once, however many ask. Safe to use from any thread."""

    def __init__(self, measure: Callable[[], Baseline]) -> None:
        """``measure`` runs in a thread of its own; what it raises, everybody gets who asks."""
        self._measure = measure
        self._pool = ThreadPoolExecutor(1, thread_name_prefix="base-suite")
        self._lock = threading.Lock()
        self._under_way: Future[Baseline] | None = None

    def start(self) -> None:
        """Begin, unless it was begun; returns at once."""
        with self._lock:
            if self._under_way is None:
                self._under_way = self._pool.submit(copy_context().run, self._measure)
                self._pool.shutdown(wait=False)

    def result(self) -> Baseline:
        """Return what was found; waits for it, and begins where nobody has."""
        self.start()
        assert self._under_way is not None
        return self._under_way.result()

    def of_patches(self, count: int) -> Baseline:
        """Return what was found; where there is no patch to hold against it, nothing is begun for it."""
        return self.result() if count or self._under_way is not None else _NOT_RUN

    @property
    def passing(self) -> Sequence[str]:
        """The ids of the tests that pass, which whoever first looks at them waits for."""
        return _Awaited(lambda: self.result().passing)


class _Awaited(Sequence[str]):
    """Names that are asked for when somebody looks at them."""

    def __init__(self, names: Callable[[], tuple[str, ...]]) -> None:
        self._names = names

    def __len__(self) -> int:
        return len(self._names())

    def __iter__(self) -> Iterator[str]:
        return iter(self._names())

    @overload
    def __getitem__(self, index: int) -> str: ...
    @overload
    def __getitem__(self, index: slice) -> tuple[str, ...]: ...
    def __getitem__(self, index: int | slice) -> str | tuple[str, ...]:
        return self._names()[index]


def run_base_suite(work: Work, shown: Sequence[str]) -> BaseSuite:
    """Run the repository's own tests on the base, twice, or say when they are: see the head of this file.

    Of a repository with its own runner, those near ``shown``: the files in play, the most relevant first. Raises
    BadGround where ``runoff fix`` should not go on.
    """
    if not _ground_is_known(work):
        with work.stage("baseline"):
            known = _measured(work, shown, beside=False)
        look_at_ground(work, known)
        return BaseSuite(lambda: known)
    suite = BaseSuite(lambda: _beside(work, shown))
    if isinstance(work.run.shared.lease, NoLease) and len(os.sched_getaffinity(0)) > 1:
        suite.start()
    return suite


def _ground_is_known(work: Work) -> bool:
    """Tell whether no existing test could stop the task: a user's failing test runs, or nothing stops a split's."""
    return work.config.subset != "fix" or work.folder.has(given_tests.FILE)


def _beside(work: Work, shown: Sequence[str]) -> Baseline:
    """Measure while trajectories are at work; the clock of their stage runs, so this is no stage of its own."""
    known = _measured(work, shown, beside=True)
    look_at_ground(work, known, stop=False)
    return known


def _measured(work: Work, shown: Sequence[str], *, beside: bool) -> Baseline:
    began = time.monotonic()
    near = nearby_tests(shown, work.bench.files(), work.task.problem_statement)
    if work.config.given:  # what those who made the patches changed of the tests is about them, whatever its name
        near = tuple(dict.fromkeys([*existing_tests(shown, work.bench.files())[:MOST_CHANGED], *near]))[:MOST]
    if work.task.environment.test_command:
        near = near or impacted_tests(work, shown)
        work.bench.suite_paths = near
        work.folder.event("suite", tests=near)
    else:
        near = (*near, *impacted_tests(work, shown))
    base = baseline(work.bench, near, at_once=not beside)
    told = base.model_dump(mode="json", include={"state", "problem", "left_out", "remarks"})
    if work.task.environment.test_command:
        told |= {"files": list(work.bench.suite_paths)}
    if beside:
        told |= {"beside": "edits", "seconds": round(time.monotonic() - began, 2)}
    work.folder.event("baseline", passing=len(base.passing), failing=len(base.failing), **told)
    return base
