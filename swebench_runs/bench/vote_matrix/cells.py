"""Cells of the vote matrix, each timed from where it begins to where its outcome stands."""

from __future__ import annotations

import json
import re
import secrets
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from dataclasses import dataclass
from pathlib import Path

from environments.sandboxes.contract import Sandbox, SandboxError
from environments.workbench.outcome import Execution, GeneratedTest, Outcome
from environments.workbench.scripts.script_runner import run_script
from environments.workbench.workbench import Workbench
from swebench_runs.bench.vote_matrix.made_task import RUN_ID, MatrixTask, candidate
from verifiers.matrix import vote
from verifiers.regression import Baseline

_TEST = """import time
_before, _began = time.process_time(), time.perf_counter()
{number!r}
time.sleep({seconds})
import module
_code = 2 if module.VALUE == 0 else 0
print("own", time.perf_counter() - _began, _before, flush=True)
if _code:
    raise SystemExit(_code)
"""
_OWN = re.compile(r"^own ([0-9.e-]+) ([0-9.e-]+)$", re.MULTILINE)
_NOTHING = Baseline(passing=(), failing=(), flaky=(), problem=None)
_STARTS = 30


@dataclass(frozen=True)
class Cells:
    """What cells took, in milliseconds."""

    cells: list[float]
    """From beginning to outcome; empty where several workers had several at a time."""
    own: list[float]
    """What each test saw pass, from its first line to its last."""
    starts: list[float]
    """What the test's process had computed before the test's first line: the start of Python, for the most part."""
    wall: float
    """Of the whole vote."""
    workers: int

    @property
    def beyond_lines(self) -> list[float]:
        """Each cell's time less what passed between its test's first line and its last."""
        return [cell - own for cell, own in zip(self.cells, self.own, strict=True)]

    @property
    def beyond_process(self) -> list[float]:
        """The same, less the start of the test's process as well: that is part of the test wherever it runs."""
        return [beyond - start for beyond, start in zip(self.beyond_lines, self.starts, strict=True)]


class _Clock:
    """A lease that everybody gets at once; a worker holds it exactly while it is at a cell."""

    def __init__(self) -> None:
        self.held: list[float] = []

    @contextmanager
    def tests(self) -> Iterator[None]:
        began = time.perf_counter()
        yield
        self.held.append((time.perf_counter() - began) * 1000)

    def model(self) -> AbstractContextManager[None]:
        return nullcontext()


def vote_cells(
    base: Sandbox, task: MatrixTask, seconds: float, tests: int, candidates: int, folder: Path, *, workers: int
) -> Cells:
    """Fill a ballot by ``verifiers.matrix.vote`` on a workbench, and read from its record what each test saw."""
    record = folder / f"cells-{secrets.token_hex(4)}.jsonl"
    clock = _Clock()
    made = [_test(seconds, number) for number in range(tests)]
    trees = [candidate(number + 1) for number in range(candidates)]
    with Workbench(base, task.task, record=record, lease=clock, workers=workers) as bench:
        bench.run(_test(0.0, -1))  # makes what all cells share, as a run's first test of all does
        clock.held.clear()
        began = time.perf_counter()
        ballot = vote(bench, entries=(), candidates=trees, tests=made, issue_tests=(), base=_NOTHING)
        wall = (time.perf_counter() - began) * 1000
    if any(row[tree.id] is not Outcome.PASS for row in ballot.outcomes.values() for tree in trees):
        raise SandboxError(f"a test of the bench did not do what it must: {ballot.outcomes}")
    seen = [_own(Execution.model_validate(line["answer"])) for line in _lines(record)][1:]
    own, starts = [test for test, _ in seen], [start for _, start in seen]
    return Cells(clock.held if workers == 1 else [], own, starts, wall, workers)


def fresh_cells(create: Callable[[], Sandbox], task: MatrixTask, seconds: float, count: int) -> Cells:
    """Do cells with a new sandbox for each: create, apply the patch, run the test, remove."""
    cells, seen = [], []
    started = time.perf_counter()
    for number in range(count):
        began = time.perf_counter()
        with create() as sandbox:
            applied = sandbox.run(["git", "apply", "-"], stdin=candidate(number + 1).patch.encode())
            if applied.exit_code != 0:
                raise SandboxError(f"a patch of the bench does not apply: {applied.text.strip()}")
            done = run_script(sandbox, _test(seconds, number), task.task.environment, timeout=30.0)
        cells.append((time.perf_counter() - began) * 1000)
        seen.append(_own(done))
    wall = (time.perf_counter() - started) * 1000
    return Cells(cells, [test for test, _ in seen], [start for _, start in seen], wall, 1)


def python_starts(task: MatrixTask) -> list[float]:
    """Return how long Python takes to start and end inside a sandbox that is open already, as bash there sees it."""
    line = "a=${EPOCHREALTIME/./}; python -c ''; b=${EPOCHREALTIME/./}; echo $((b - a))"
    with task.bubblewrap() as sandbox:
        return [int(sandbox.run(line, cwd="/").text) / 1000 for _ in range(_STARTS)]


def _test(seconds: float, number: int) -> GeneratedTest:
    return GeneratedTest.of(_TEST.format(seconds=seconds, number=number), RUN_ID)


def _own(done: Execution) -> tuple[float, float]:
    found = _OWN.search(done.output)
    if not found:
        raise SandboxError(f"a test of the bench ended without its time: {done.output[-300:]}")
    return float(found[1]) * 1000, float(found[2]) * 1000


def _lines(record: Path) -> list[dict[str, object]]:
    return [json.loads(line) for line in record.read_text().splitlines()[1:]]
