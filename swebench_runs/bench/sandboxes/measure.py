"""How long a sandbox takes, kind beside kind and many at once; and fork, one command and close beside a subprocess."""

from __future__ import annotations

import subprocess
import time
from collections.abc import Callable, Mapping, Sequence
from math import ceil
from pathlib import Path
from typing import Any

from environments.sandboxes.contract import Sandbox
from environments.task import EnvironmentSpec
from swebench_runs.bench.sandboxes.kinds import BUBBLEWRAP, UNPACKED, TimeTogether, opened_kinds
from swebench_runs.bench.sandboxes.phases import Times, together
from swebench_runs.bench.statistics import summary
from swebench_runs.one_task.ground.base_sandbox import lay, open_base, scratch
from swebench_runs.run_folder.computer import computer, versions

COMMAND = ("/bin/true",)
IMAGE = "runoff/test-base:1"
COUNTS = (1, 8, 32)
TRIPS = 10
"""Round trips of each sandbox."""
TARGET_MS = 20.0
"""The design's target for the median of bubblewrap's fork, run and close."""
FORK_TARGET_MS = 15.0
"""The same for a fork of an unpacked image together with its first command, one sandbox at a time."""
_CHEAP = (BUBBLEWRAP, UNPACKED)
_CHEAP_FACTOR = 10
"""A kind that takes milliseconds is measured about so many times as often."""


def measure(
    n: int, *, seed: int, image: str = IMAGE, counts: Sequence[int] = COUNTS, with_mini: bool = True
) -> dict[str, Any]:
    """Measure every kind at every count, and ``20 n`` rounds of fork, run and close; times in milliseconds.

    ``n``: sandboxes of each kind at each count at least, ten times as many of bubblewrap's; the kinds take turns, so
    that all see the same load.
    """
    with opened_kinds(image, with_mini=with_mini) as (ways, left_out):
        kinds = {str(count): _side_by_side(ways, count, n, seed) for count in counts}
    return {
        "n": n,
        "seed": seed,
        "image": image,
        "command": "true",
        "kinds_at": kinds,
        "left_out": left_out,
        **measure_forks(20 * n, seed=seed),
        "target_ms": TARGET_MS,
        "fork_target_ms": FORK_TARGET_MS,
        "machine": computer(),
        "versions": versions(),
    }


def _side_by_side(ways: Mapping[str, TimeTogether], count: int, n: int, seed: int) -> dict[str, Any]:
    rounds = ceil(n / count)
    cheap = ceil(_CHEAP_FACTOR * n / count / rounds)
    times: dict[str, list[Times]] = {kind: [] for kind in ways}
    for kind, way in ways.items():
        if kind in _CHEAP or count == 1:
            way(1, 1)  # the first one pays for what all later ones share
    for _ in range(rounds):
        for kind, way in ways.items():
            for _ in range(cheap if kind in _CHEAP else 1):
                times[kind].append(way(count, TRIPS))
    return {
        kind: {phase: summary(values, seed) for phase, values in together(done).items() if values}
        for kind, done in times.items()
    }


def measure_forks(n: int, *, seed: int) -> dict[str, Any]:
    """Time ``n`` rounds of fork, run and close, and of a subprocess, taking turns."""
    with scratch("bench") as folder:
        (folder / "tree").mkdir()
        (folder / "tree" / "file.txt").write_text("one file\n")
        lay(folder / "tree", folder / "base")
        with open_base(EnvironmentSpec(), folder / "base", run_id="bench") as base:
            sandboxed, plain = _rounds(base, folder, n)
    return {
        "bubblewrap": {"fork_run_close": summary(sandboxed, seed)},
        "subprocess": {"run": summary(plain, seed)},
    }


def _rounds(base: Sandbox, folder: Path, n: int) -> tuple[list[float], list[float]]:
    def sandboxed() -> None:
        with base.fork() as fork:
            fork.run(COMMAND)

    def plain() -> None:
        subprocess.run(COMMAND, cwd=folder, check=True)

    sandboxed()  # the first one pays for what all later ones share
    times: tuple[list[float], list[float]] = ([], [])
    for _ in range(n):
        for record, act in zip(times, (sandboxed, plain), strict=True):
            record.append(_timed(act))
    return times


def _timed(act: Callable[[], None]) -> float:
    began = time.perf_counter()
    act()
    return (time.perf_counter() - began) * 1000
