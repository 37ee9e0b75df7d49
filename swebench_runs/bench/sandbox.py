"""How long a sandbox takes: fork, one command and close, beside the same command as a plain subprocess."""

from __future__ import annotations

import subprocess
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

from environments.sandbox import Sandbox
from environments.task import EnvironmentSpec
from swebench_runs.base import lay, open_base, scratch
from swebench_runs.machine import machine, versions

COMMAND = ("/bin/true",)
TARGET_MS = 20.0
"""The design's target for the median of bubblewrap's fork, run and close."""
RESAMPLES = 2000


def measure(n: int, *, seed: int) -> dict[str, Any]:
    """Time ``n`` rounds of each, taking turns so that both see the same load; times in milliseconds."""
    with scratch("bench") as folder:
        (folder / "tree").mkdir()
        (folder / "tree" / "file.txt").write_text("one file\n")
        lay(folder / "tree", folder / "base")
        with open_base(EnvironmentSpec(), folder / "base", run_id="bench") as base:
            sandboxed, plain = _rounds(base, folder, n)
    return {
        "n": n,
        "seed": seed,
        "command": list(COMMAND),
        "bubblewrap": {"fork_run_close": summary(sandboxed, seed)},
        "subprocess": {"run": summary(plain, seed)},
        "target_ms": TARGET_MS,
        "machine": machine(),
        "versions": versions(),
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


def summary(times: list[float], seed: int) -> dict[str, Any]:
    """Return median with its 95% bootstrap interval, 95th percentile and mean of times in milliseconds."""
    values = np.array(times)
    medians = np.median(np.random.default_rng(seed).choice(values, (RESAMPLES, len(values))), axis=1)
    low, high = np.percentile(medians, [2.5, 97.5])
    return {
        "p50_ms": float(np.median(values)),
        "p50_interval_ms": [float(low), float(high)],
        "p95_ms": float(np.percentile(values, 95)),
        "mean_ms": float(values.mean()),
    }
