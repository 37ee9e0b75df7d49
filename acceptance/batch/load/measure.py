"""``make acceptance-load``: 40 scripted tasks of 8 trajectories at ``-w 32``, whose tests take 0.2 to 3 s of a core.

Never more test processes than cores; no time-out that a single task alone does not have; the turns at the cores are
held; and how many tasks an hour that is, beside mini-swe-agent's batch runner with the same model in the same run.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from acceptance.batch.load import mini_side
from acceptance.batch.load.watch import Watch
from acceptance.record import ROOT, Record, recording
from environments.sandboxes.machine import cores

BUSY = 0.9
"""Of the turns at cores, at least, while there is work for all: what a test needs beside its burning holds one, too."""
_KEYS = {"OPENAI_API_KEY": "none", "LITELLM_LOCAL_MODEL_COST_MAP": "True"}


@contextmanager
def endpoint(latency: float) -> Iterator[str]:
    """Give the scripted endpoint's address for the block."""
    command = [sys.executable, "-m", "acceptance.batch.load.endpoint", str(latency)]
    with subprocess.Popen(command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as server:
        assert server.stdout
        yield server.stdout.readline().strip()
        server.communicate()


def watched(command: list[str], environment: dict[str, str], folder: Path) -> tuple[str, dict[str, Any]]:
    """Run a command to its end; return its output, and what was seen from outside meanwhile."""
    began = time.monotonic()
    with (
        subprocess.Popen(command, cwd=folder, env=environment, stdout=subprocess.PIPE, text=True) as process,
        Watch(process.pid) as watch,
    ):
        output, _ = process.communicate()
    return output, {
        "exit_code": process.returncode,
        "seconds": round(time.monotonic() - began, 1),
        "most_test_processes": watch.most,
        "looks": len(watch.counts),
        "cores_busy": round(watch.busy(cores()), 3),
    }


def runoff(folder: Path, numbers: list[int], tasks: int, keys: list[str]) -> dict[str, Any]:
    """Have Runoff resolve tasks; return what was counted."""
    order = json.dumps({"folder": str(folder), "numbers": numbers, "count": tasks, "keys": keys})
    command = [sys.executable, "-m", "acceptance.batch.load.runoff_side", order]
    output, seen = watched(command, {**os.environ, **_KEYS}, ROOT)
    lines = output.strip().splitlines()
    return {"tasks": len(numbers), **(json.loads(lines[-1]) if lines else {}), **seen}


def mini(folder: Path, tasks: int, trajectories: int, workers: int, api_base: str) -> dict[str, Any]:
    """Have mini-swe-agent's batch do the same trajectories; return what was counted."""
    child = mini_side.command(folder, tasks, trajectories, workers, api_base)
    _, seen = watched(child.command, dict(child.environment), folder)
    return {"tasks": tasks, **mini_side.found(folder), **seen}


def judge(record: Record, alone: dict[str, Any], ours: dict[str, Any], theirs: dict[str, Any]) -> None:
    """Check what was counted."""
    count, own = cores(), ours["most_test_processes"]
    for one in (ours, theirs):
        one["tasks_an_hour"] = round(one["tasks"] / one["seconds"] * 3600, 1)
    record.check("every task is decided", ours.get("decided") == ours["tasks"], f"{ours.get('decided')}")
    record.check("tests were seen running", own > 0, f"in {ours['looks']} looks from outside")
    record.check("never more test processes than cores", own <= count, f"{own} on {count} cores")
    record.check(
        "no time-out that one task alone does not have",
        ours.get("timed_out", 1) <= alone.get("timed_out", 0),
        f"{ours.get('timed_out')} of {ours.get('commands')}, alone {alone.get('timed_out')} of {alone.get('commands')}",
    )
    held = (ours.get("inside") or {}).get("turns_held") or 0.0
    record.check("the turns at the cores are held", held >= BUSY, f"{held:.0%}; tests burn {ours['cores_busy']:.0%}")
    record.check("mini-swe-agent did the same", theirs["trajectories"] > 0, f"{theirs['trajectories']} trajectories")


def main() -> None:
    """Measure one task alone, then all at once, then mini-swe-agent."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--tasks", type=int, default=40)
    options.add_argument("--trajectories", type=int, default=8)
    options.add_argument("--workers", type=int, default=32)
    options.add_argument("--latency", type=float, default=0.5, help="seconds of each answer of the scripted model")
    given = options.parse_args()
    with (
        tempfile.TemporaryDirectory() as place,
        recording(Record("load", n=given.tasks, unit="tasks")) as record,
        endpoint(given.latency) as address,
    ):
        keys = [f"trajectories={given.trajectories}", f"workers={given.workers}", f"api_base={address}"]
        folder = Path(place)
        alone = runoff(folder / "alone", [given.tasks - 1], given.tasks, [*keys, "trajectories=1", "workers=1"])
        ours = runoff(folder / "runoff", list(range(given.tasks)), given.tasks, keys)
        theirs = mini(folder / "mini", given.tasks, given.trajectories, given.workers, address)
        record.figures |= {
            **{"cores": cores(), "trajectories": given.trajectories, "workers": given.workers},
            **{"latency": given.latency, "alone": alone, "runoff": ours, "mini-swe-agent": theirs},
        }
        record.notes.append(
            "Runoff also runs each task's suite on the base twice and on every different patch, and decides; "
            "mini-swe-agent's batch makes trajectories alone."
        )
        judge(record, alone, ours, theirs)


if __name__ == "__main__":
    main()
