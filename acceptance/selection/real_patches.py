"""Choosing among real, graded patches: the bench on the whole pool, and how long ``runoff select`` takes."""

from __future__ import annotations

import json
import tempfile
from collections.abc import Iterator
from itertools import cycle, islice
from pathlib import Path
from typing import Any

from acceptance.commands import run, runoff
from acceptance.record import ROOT, Record, recording
from swebench_runs.rows.datasets import PATCH_POOL, SUBSETS, data_folder, read_rows

FOLDER = ROOT / "runs" / "selection"
TASKS, ATTEMPTS, SECONDS = 500, 16, 10.0
TARGET_GAP = 0.35
LIMIT = 4 * 3600.0


def main() -> None:
    """Measure and judge; an interrupted bench goes on from the folds that are fitted."""
    with recording(Record("selection", n=0, unit="tasks", seed=0)) as record:
        file = FOLDER / "selection.json"
        done = run(runoff("bench", "selection", "--json", str(file)), timeout=LIMIT)
        record.check("the bench ends well", done.exit_code == 0, done.last_line)
        figures = json.loads(file.read_bytes())
        record.n = figures["n"]
        record.figures |= {
            name: value for name, value in figures.items() if name not in ("machine", "versions", "seed")
        }
        check(record, figures)
        time_select(record)


def check(record: Record, figures: dict[str, Any]) -> None:
    """Check what the issue asks of the figures; the target for the gap is noted, for no rule can promise it."""
    ahead = next(d for d in figures["differences"] if (d["first"], d["second"]) == ("consensus", "medoid"))
    for cluster, interval in (("repository", ahead["ci"]), ("task", ahead["ci_tasks"])):
        record.check(f"consensus beats medoid, interval by {cluster} above 0", interval[0] > 0, interval)
    half = figures["confidence"]["half"]["above_overall"]
    record.check(
        "the half of the tasks that is answered is right more often, interval above 0", half["ci"][0] > 0, half
    )
    gap = figures["rules"]["consensus"]["gap_closed"]
    reached = "reached" if gap >= TARGET_GAP else "missed"
    record.notes.append(f"consensus closes {gap:.1%} of the gap; the target of {TARGET_GAP:.0%} is {reached}")


def time_select(record: Record) -> None:
    """Time ``runoff select`` on 16 attempts at each of 500 tasks, real patches handed round."""
    with tempfile.TemporaryDirectory() as folder:
        candidates = Path(folder) / "all_preds.jsonl"
        candidates.write_text("".join(json.dumps(row) + "\n" for row in attempts()))
        command = runoff("select", str(candidates), "--subset", "verified", "-o", str(Path(folder) / "chosen"))
        done = run(command, timeout=600, quiet=True)
    record.check("runoff select ends well", done.exit_code == 0, done.last_line)
    record.figures["select_seconds"] = round(done.seconds, 2)
    what = f"{TASKS} tasks x {ATTEMPTS} candidates in under {SECONDS:.0f} s"
    record.check(what, done.seconds < SECONDS, f"{done.seconds:.1f} s")


def attempts() -> Iterator[dict[str, str]]:
    """Yield ungraded attempts at the tasks of Verified: the pool's patches in turn, whatever task they were for."""
    tasks = [str(row["instance_id"]) for row in read_rows(data_folder() / SUBSETS["verified"])][:TASKS]
    patches = [row["model_patch"] for row in read_rows(data_folder() / PATCH_POOL) if row["model_patch"]]
    for number, patch in enumerate(islice(cycle(patches), TASKS * ATTEMPTS)):
        yield {"instance_id": tasks[number % TASKS], "model_name_or_path": "any", "model_patch": patch}


if __name__ == "__main__":
    main()
