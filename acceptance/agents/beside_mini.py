"""``make acceptance-agents``: trajectories with tools beside mini-swe-agent's: what a step costs, many at once, and who
resolves more of the starter tasks with the embedded model and as many written tokens."""

from __future__ import annotations

import argparse
import json
import tempfile
from pathlib import Path
from typing import Any

from acceptance.commands import run, runoff
from acceptance.record import MEASUREMENTS, Record, recording
from swebench_runs.bench.agents.sides import MINI, RUNOFF

SEED = 0
FLAT = 1.3
"""Times that a step near the end may take of one near the start: means of sixteen steps each, on a shared machine."""
EMBEDDED = MEASUREMENTS / "agents_embedded.json"


def judge(record: Record, figures: dict[str, Any]) -> None:
    """Check a measurement of ``runoff bench agents`` against the targets."""
    ours, theirs = (figures["per_step"][name]["own"] for name in (RUNOFF, MINI))
    record.figures |= figures
    record.figures["ratios"] = {
        "own_p50_mini_to_runoff": theirs["p50_ms"] / ours["p50_ms"],
        "live_seconds_runoff_to_mini": figures["live"][RUNOFF]["seconds"] / figures["live"][MINI]["seconds"],
        "memory_runoff_to_mini": figures["memory"][RUNOFF]["bytes_each"] / figures["memory"][MINI]["bytes_each"],
    }
    targets, growth = figures["targets"], figures["curve"][RUNOFF]["last_to_first"]
    held, live = figures["memory"][RUNOFF], figures["live"][RUNOFF]
    record.check(
        "outside model and command at most 2 ms a step",
        ours["p50_ms"] <= targets["own_p50_ms"],
        f"{ours['p50_ms']:.2f} ms, {MINI} {theirs['p50_ms']:.2f} ms",
    )
    record.check("flat from step 10 to step 240", growth <= FLAT, f"{growth:.2f} times")
    record.check("memory below 2 MB each", held["bytes_each"] < targets["bytes_each"], f"{held['bytes_each']} bytes")
    record.check("all live at once", live["live_at_once"] == live["count"], f"{live['live_at_once']}")
    record.check("all handed in", live["handed_in"] == live["count"], f"{live['handed_in']}")


def main() -> None:
    """Measure by a scripted model, then by the embedded one, which resumes."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--figures", type=Path, help="what `runoff bench agents --json` has measured before")
    given = options.parse_args()
    with recording(Record("agents", n=0, unit="steps", seed=SEED)) as record, tempfile.TemporaryDirectory() as folder:
        path = given.figures or Path(folder) / "agents.json"
        if not given.figures:
            done = run(runoff("bench", "agents", "--seed", str(SEED), "--json", str(path)), timeout=7200)
            record.check("the measurement ends well", done.exit_code == 0, f"exit code {done.exit_code}")
        figures = json.loads(path.read_bytes())
        record.n = figures["per_step"][RUNOFF]["own"]["n"]
        judge(record, {name: value for name, value in figures.items() if name not in ("n", "seed")})
        if not given.figures:
            command = runoff("bench", "agents", "--embedded", "--seed", str(SEED), "--json", str(EMBEDDED))
            done = run(command, timeout=4 * 3600)
            record.check("the embedded comparison ends well", done.exit_code == 0, f"exit code {done.exit_code}")


if __name__ == "__main__":
    main()
