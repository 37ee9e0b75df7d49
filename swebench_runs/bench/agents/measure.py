"""The two agents in one run, taking turns: CPU time of a step, how it grows with the history, memory, many at once."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from swebench_runs.bench.agents.meter import PARTS
from swebench_runs.bench.agents.script import MODEL
from swebench_runs.bench.agents.sides import AGENTS, MINI, RUNOFF, Side, endpoint, sides
from swebench_runs.bench.sandboxes.mini_environment import VERSION
from swebench_runs.bench.statistics import summary
from swebench_runs.run_folder.computer import computer, versions

STEPS, LONG = 60, 250
CURVE = (10, 60, 125, 190, 240)
"""Steps of the long trajectory whose surroundings are told."""
_AROUND = 8
_SETTLED = 2
"""First and last steps that count for nothing: what all later ones share is paid in them; handing in is another act."""
LIVE, LIVE_STEPS = 500, 12
HELD = 40
"""Trajectories of ``STEPS`` steps, live at once, by which the memory of one is told."""
TARGET_MS, TARGET_BYTES = 2.0, 2_000_000


def measure(
    n: int, *, seed: int, steps: int = STEPS, long: int = LONG, live: int = LIVE, held: int = HELD
) -> dict[str, Any]:
    """Measure both agents: ``n`` trajectories of ``steps`` steps each, one of ``long`` steps, and many live at once.

    mini-swe-agent is measured twice: as its batch runs it, and writing its trajectory at each step as Runoff always
    does. Times in milliseconds.
    """
    with endpoint() as address, sides() as running:
        ways = {RUNOFF: (running[RUNOFF], {}), MINI: (running[MINI], {"saved": False})}
        ways[SAVED] = (running[MINI], {"saved": True})
        short = _turns(ways, f"{address}/{steps}/v1", steps, n)
        curves = _turns(ways, f"{address}/{long}/v1", long, 1)
        memory = {name: running[name].do("live", count=held, steps=steps) for name in AGENTS}
        crowds = {name: running[name].do("live", count=live, steps=LIVE_STEPS) for name in AGENTS}
    return {
        "n": n,
        "seed": seed,
        "model": f"scripted, on loopback, as {MODEL}",
        "sandbox": "bubblewrap, one process for each command",
        "steps": steps,
        "per_step": {name: _parts(runs, seed) for name, runs in short.items()},
        "long_steps": long,
        "curve": {name: _curve(runs[0], long) for name, runs in curves.items()},
        "memory": memory,
        "live": crowds,
        "targets": {"own_p50_ms": TARGET_MS, "bytes_each": TARGET_BYTES},
        "mini_swe_agent": VERSION,
        "machine": computer(),
        "versions": versions(),
    }


SAVED = f"{MINI}, saving each step"

Ways = Mapping[str, tuple[Side, Mapping[str, Any]]]
Steps = dict[str, list[float]]


def _turns(ways: Ways, api_base: str, steps: int, n: int) -> dict[str, list[Steps]]:
    """Run each way ``n`` times, taking turns, after one that counts for nothing."""
    found: dict[str, list[Steps]] = {name: [] for name in ways}
    for turn in range(n + 1):
        for name, (side, more) in ways.items():
            done = side.do("steps", api_base=api_base, steps=steps, **more)
            _assert_handed_in(name, done)
            if turn:
                found[name].append(done["steps"])
    return found


def _assert_handed_in(name: str, done: Mapping[str, Any]) -> None:
    """Refuse figures of a trajectory that did not do its work."""
    if "+VALUE = " not in str(done["patch"]):
        raise RuntimeError(f"{name} handed in no change: it ended with {done['ended']!r}")


def _parts(runs: Sequence[Steps], seed: int) -> dict[str, Any]:
    middles = {part: [ms for run in runs for ms in run[part][_SETTLED:-_SETTLED]] for part in PARTS}
    middles["own_and_layer"] = [a + b for a, b in zip(middles["own"], middles["layer"], strict=True)]
    return {part: summary(times, seed) for part, times in middles.items()}


def _curve(run: Steps, long: int) -> dict[str, Any]:
    """Return the mean of what is outside model and command around some steps, and how much it grows."""
    settled = run["own"][:-_SETTLED]
    at = {
        str(step): float(np.mean(settled[max(_SETTLED, step - _AROUND) : step + _AROUND]))
        for step in CURVE
        if step < long - _SETTLED
    }
    first, last = next(iter(at.values())), list(at.values())[-1]
    return {"own_mean_ms_at": at, "last_to_first": last / first}
