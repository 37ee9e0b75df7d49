"""What a cell of the vote matrix takes beyond its test, by the product's own way: by forks, and by fresh containers."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from typing import Any

from rich.table import Table

from environments.sandboxes.contract import Sandbox
from environments.sandboxes.docker import DockerSandbox
from swebench_runs.bench.statistics import summary
from swebench_runs.bench.vote_matrix.cells import Cells, fresh_cells, python_starts, vote_cells
from swebench_runs.bench.vote_matrix.made_task import RUN_ID, MatrixTask, made_task
from swebench_runs.one_task.ground.base_sandbox import scratch
from swebench_runs.run_folder.computer import computer, versions

SECONDS = (0.05, 0.5, 2.0)
"""How long the tests take."""
TARGET_MS = 15.0
"""The design's target for the median by forks, one cell at a time."""
FORKS, DOCKER_FORKS, FRESH = "bubblewrap_forks", "docker_forks", "fresh_container"
_SIZES = {FORKS: {0.05: (10, 7), 0.5: (3, 7), 2.0: (2, 5)}, DOCKER_FORKS: dict.fromkeys(SECONDS, (1, 5))}
"""Way -> seconds of the test -> tests, candidates; beside them the base, and a second run of base and leaders."""
_FRESH = {0.05: 12, 0.5: 12, 2.0: 8}


def measure_matrix(*, seed: int, image: str, quick: bool = False, seconds: Sequence[float] = SECONDS) -> dict[str, Any]:
    """Vote on a small task with tests of known length; times in milliseconds.

    A cell's overhead is the time from where a worker begins with it to where its outcome stands, less the test's own
    time, which the test measures: what its process computed before its first line (the start of Python), and what
    passed from there to its last. ``beyond_lines`` is the same with the start of Python counted as overhead. There is
    one worker, so that nothing but the cell is in it; what two make of it is told by ``two_workers``.

    Since the next cells' sandboxes are set up while a test runs, a cell's own time does not hold all of the work.
    ``whole`` and ``two_workers`` do: the vote's wall-clock time, less the tests' own, spread over its cells.

    ``quick``: one test and one candidate for each length of ``seconds``, which may then be any.

    Raises:
        SandboxError: no engine answers, or it lacks the image.
    """
    figures: dict[str, Any] = {way: {} for way in (FORKS, DOCKER_FORKS, FRESH)}
    with scratch(RUN_ID) as folder, made_task(folder, image) as task:
        openers: Mapping[str, Callable[[], AbstractContextManager[Sandbox]]] = {
            FORKS: task.bubblewrap,
            DOCKER_FORKS: task.docker,
        }
        for length in seconds:
            for way, opened in openers.items():
                tests, candidates = (1, 1) if quick else _SIZES[way][length]
                with opened() as base:
                    cells = vote_cells(base, task, length, tests, candidates, folder, workers=1)
                figures[way][str(length)] = _described(cells, seed)
            with task.bubblewrap() as base:
                tests, candidates = (1, 1) if quick else _SIZES[FORKS][length]
                both = vote_cells(base, task, length, tests, candidates, folder, workers=2)
                figures[FORKS][str(length)]["two_workers"] = _shared(both)
            cells = fresh_cells(_containers(task), task, length, 1 if quick else _FRESH[length])
            figures[FRESH][str(length)] = _described(cells, seed)
        python = python_starts(task)
    return {
        "seed": seed,
        "image": image,
        "n": sum(cells["n"] for way in (FORKS, DOCKER_FORKS, FRESH) for cells in figures[way].values()),
        "ways": figures,
        "python_start": summary(python, seed),
        "target_ms": TARGET_MS,
        "machine": computer(),
        "versions": versions(),
    }


def _containers(task: MatrixTask) -> Callable[[], DockerSandbox]:
    return lambda: DockerSandbox.create(task.image, run_id=RUN_ID)


def _described(cells: Cells, seed: int) -> dict[str, Any]:
    return {
        **summary(cells.beyond_process, seed),
        "beyond_lines": summary(cells.beyond_lines, seed),
        "test_p50_ms": summary(cells.own, seed)["p50_ms"],
        "start_p50_ms": summary(cells.starts, seed)["p50_ms"],
        "whole": _shared(cells),
    }


def _shared(cells: Cells) -> dict[str, Any]:
    """Spread the whole vote's time over its cells: nothing that it did is left out."""
    spent = cells.wall * cells.workers - sum(cells.own) - sum(cells.starts)
    return {"n": len(cells.own), "mean_ms": spent / len(cells.own), "workers": cells.workers}


def matrix_table(figures: Mapping[str, Any]) -> Table:
    """Return the table: overhead per cell, p50 / p95 in milliseconds, for each length of the test."""
    table = Table(title="vote matrix: overhead per cell beyond the test's own time, p50 / p95, ms (n)")
    table.add_column("test")
    ways = list(figures["ways"])
    for way in ways:
        table.add_column(way.replace("_", " "), justify="right")
    for seconds in figures["ways"][ways[0]]:
        table.add_row(f"{seconds} s", *_row(figures, ways, seconds))
    start = figures["python_start"]
    table.caption = f"not in it: Python's start and end, {start['p50_ms']:.1f} ms in an open sandbox"
    return table


def _row(figures: Mapping[str, Any], ways: list[str], seconds: str) -> Iterator[str]:
    for way in ways:
        cells = figures["ways"][way][seconds]
        yield f"{cells['p50_ms']:.1f} / {cells['p95_ms']:.1f} ({cells['n']})"
