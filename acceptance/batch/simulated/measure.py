"""``make acceptance-simulate``: three shapes predicted from a small run, then run; 500 x 16 predicted alone.

A scripted model with a latency, real bubblewrap sandboxes, tests of 0.2 to 3 s of a core. Predictions are made, and
kept, before the shape is run. It wants a quiet machine: what others take of its cores is in no prediction, so the
record says how much that was.
"""

from __future__ import annotations

import argparse
import json
import os
import resource
import subprocess
import sys
import tempfile
import time
from dataclasses import asdict, replace
from datetime import datetime
from pathlib import Path
from typing import Any

import psutil

from acceptance.batch.load.measure import endpoint
from acceptance.record import ROOT, Record, recording
from swebench_runs.bench.simulate import Shape, predict, recorded_work
from swebench_runs.run_folder.store import Run

LATENCY = 3.0
SMALL = Shape(tasks=4, trajectories=2, workers=1)
SHAPES = {
    "many workers": Shape(tasks=6, trajectories=4, workers=6),
    "few workers": Shape(tasks=8, trajectories=2, workers=2),
    "a narrow endpoint": Shape(tasks=6, trajectories=3, workers=6, calls=2),
}
LARGE = Shape(tasks=500, trajectories=16, nodes=50, workers=16, cores=16, replicas=8, calls=64)
ERROR = 0.15


def main() -> None:
    """Run, predict, run, compare, record."""
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("--latency", type=float, default=LATENCY)
    given = asked.parse_args()
    record = Record("simulate", n=len(SHAPES), unit="shapes run beside their prediction", seed=0)
    with tempfile.TemporaryDirectory(prefix="runoff-simulate-") as folder, recording(record):
        cores = _cores()
        with endpoint(given.latency) as address:
            small, others = _run(Path(folder) / "small", SMALL, address)
            work = recorded_work(small)
            told = asdict(SMALL) | {"took": round(_seconds(small), 1), "others": others}
            record.figures |= {"latency": given.latency, "cores": cores, "small": told, "shapes": {}}
            for name, shape in SHAPES.items():
                _compare(record, Path(folder), name, replace(shape, cores=cores), address, work)
        large = predict(work, LARGE)
        record.figures["large"] = {"shape": asdict(LARGE), "seconds": round(large.seconds), "bound_by": large.bound_by}
        record.notes.append("The large shape is predicted from this model and these tests; it was run nowhere.")


def _compare(record: Record, folder: Path, name: str, shape: Shape, address: str, work: Any) -> None:
    said = predict(work, shape)
    run, others = _run(folder / name.replace(" ", "-"), shape, address)
    took = _seconds(run)
    error = (said.seconds - took) / took
    found = {"predicted": round(said.seconds, 1), "took": round(took, 1), "error": round(error, 3), "others": others}
    busy = {"cores_busy": round(said.cores_busy, 2), "own_busy": round(said.own_busy, 2)}
    record.figures["shapes"][name] = {"shape": asdict(shape), **found, **busy}
    record.check(f"{name}: the error is under {ERROR:.0%}", abs(error) < ERROR, found)


def _run(folder: Path, shape: Shape, address: str) -> tuple[Run, float]:
    """Really make a run, in a process of its own; returns it, and the cores that others had meanwhile."""
    folder.mkdir()
    keys = [f"workers={shape.workers}", f"trajectories={shape.trajectories}", f"api_base={address}"]
    if shape.calls < Shape(1, 1).calls:
        keys.append(f"calls={shape.calls}")
    order = {"folder": str(folder), "numbers": list(range(shape.tasks)), "count": shape.tasks, "keys": keys}
    command = [sys.executable, "-m", "acceptance.batch.load.runoff_side", json.dumps(order)]
    began, used, ours = time.monotonic(), _used(), _ours()
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    others = (_used() - used - (_ours() - ours)) / (time.monotonic() - began)
    if done.returncode:
        raise RuntimeError(f"the run ended with {done.returncode}: {done.stderr[-2000:]}")
    made = json.loads(done.stdout.splitlines()[-1])
    if made["failed"]:
        raise RuntimeError(f"tasks failed: {made['failed']}")
    return Run.load(folder / "run"), round(max(others, 0.0), 2)


def _used() -> float:
    """Return the seconds of its cores that the machine has spent on anything."""
    of_all = psutil.cpu_times()
    return float(of_all.user + of_all.nice + of_all.system + of_all.irq + of_all.softirq + of_all.steal)


def _ours() -> float:
    """Return those that went to programs that were started here and have ended."""
    ended = resource.getrusage(resource.RUSAGE_CHILDREN)
    return ended.ru_utime + ended.ru_stime


def _seconds(run: Run) -> float:
    """Return the time from the first task's beginning to the last one's decision."""
    events = [event for name in run.instances for event in run.task(name).events()]
    at = {
        kind: [datetime.fromisoformat(event["at"]) for event in events if event["event"] == kind]
        for kind in ("begun", "decided")
    }
    return (max(at["decided"]) - min(at["begun"])).total_seconds()


def _cores() -> int:
    return len(os.sched_getaffinity(0))


if __name__ == "__main__":
    main()
