"""Runs ``runoff select --execute`` on the drawn instances, one after the other, and keeps what came out of each.

    python -m acceptance.selection.executed.executing --repos DIR [-n 80] [--until 03:10] [-c KEY=VALUE]
    ... --pool OTHER.jsonl --draw other.json --outcomes other_outcomes.jsonl     # instances of another pool

The command gets a file of patches without names or grades, and the rows. Each instance's outcomes go at once into
``docs/measurements/executed_patches.jsonl``: a later sitting goes on behind them. No patch stands in that file, for the
pool's may not be handed on: rows are named by their ids in the pool.
"""

from __future__ import annotations

import argparse
import json
import resource
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from os import getloadavg
from pathlib import Path
from typing import Any

from acceptance.commands import run, runoff
from acceptance.record import MEASUREMENTS, ROOT
from acceptance.selection.executed.draw import DRAW, Graded, drawn_instances, graded_pool
from environments.record_file import append_line, read_lines
from swebench_runs.one_task.given_patches import FILE, GivenPatches
from swebench_runs.rows.datasets import SUBSETS, data_folder, read_rows
from swebench_runs.run_folder.computer import versions
from swebench_runs.run_folder.files import write_whole
from swebench_runs.run_folder.store import Run
from swebench_runs.run_folder.task_folder import TaskFolder
from verifiers.ballot import Ballot

OUTCOMES = MEASUREMENTS / "executed_patches.jsonl"
SCHEMA = 1
FOLDER = ROOT / "runs" / "executed"
SETTINGS = ("suite_timeout=240", "script_timeout=240", "second_look=false")
"""What differs from the defaults: two cores that a dozen others keep busy: a second of work takes ten. The second
look, which is for patches that forge their tests' outcomes, would double the work."""
LIMIT = 7200.0
"""Seconds that one instance may take, its image included; one that takes longer is told of and left."""


@dataclass(frozen=True)
class Place:
    """Where one instance is worked on."""

    instance_id: str
    folder: Path

    @property
    def candidates(self) -> Path:
        """The patches, without names and grades."""
        return self.folder / "candidates.jsonl"

    @property
    def chosen(self) -> Path:
        """The run's folder."""
        return self.folder / "chosen"


def main() -> None:
    """Execute what was not, in the order of the draw."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--repos", type=Path, required=True, help="a folder of repositories, owner__name")
    options.add_argument("-n", type=int, default=100, help="instances, from the first of the draw on")
    options.add_argument("--until", default="", help="begin no instance after this time of day, UTC, HH:MM")
    options.add_argument("--folder", type=Path, default=FOLDER)
    options.add_argument("--pool", type=Path, help="graded patches; by default those of the data folder")
    options.add_argument("--draw", type=Path, default=DRAW)
    options.add_argument("--outcomes", type=Path, default=OUTCOMES)
    options.add_argument("-c", dest="settings", action="append", help=f"keys of select; by default {SETTINGS}")
    given = options.parse_args()
    pool, wanted = graded_pool(given.pool), drawn_instances(given.draw)[: given.n]
    rows = _rows_file(wanted, given.folder)
    done = {line["instance_id"] for line in read_lines(given.outcomes) if not line["problem"]}
    for number, name in enumerate(wanted, 1):
        if name in done:
            continue
        if given.until and f"{datetime.now(UTC):%H:%M}" >= given.until:
            print(f"it is {given.until}: {number - 1} are done", flush=True)
            return
        line = execute(Place(name, given.folder / name), pool[name], rows, given.repos, given.settings or SETTINGS)
        append_line(given.outcomes, line)
        print(f"{number} {name}: {line['problem'] or line['gate']} in {line['seconds']} s", flush=True)


def execute(place: Place, rows: Sequence[Graded], subset: Path, repos: Path, settings: Sequence[str]) -> dict[str, Any]:
    """Choose among an instance's patches; return its line."""
    place.folder.mkdir(parents=True, exist_ok=True)
    text = (json.dumps({"instance_id": place.instance_id, "model_patch": row.patch}) for row in rows)
    write_whole(place.candidates, "".join(f"{line}\n" for line in text))
    began, before = time.monotonic(), _processor_seconds()
    keys = [word for setting in settings for word in ("-c", setting)]
    command = runoff(
        *("select", str(place.candidates), "--subset", str(subset), "-i", place.instance_id, "--execute"),
        *("--repos", str(repos), "-w", "1", *keys, "-o", str(place.chosen)),
    )
    done = run(command, timeout=LIMIT, quiet=True)
    write_whole(place.folder / "output.txt", done.output)
    told: dict[str, Any] = {
        "schema": SCHEMA,
        "instance_id": place.instance_id,
        "problem": "" if done.exit_code == 0 else done.last_line,
        "seconds": round(time.monotonic() - began, 1),
        "processor_seconds": round(_processor_seconds() - before, 1),
        "load": round(getloadavg()[0], 2),
        "at": f"{datetime.now(UTC):%Y-%m-%dT%H:%M}",
        "commit": versions().get("commit", ""),
        "settings": list(settings),
        "gate": {},
    }
    if done.exit_code == 0:
        told |= outcomes_of(Run.load(place.chosen).task(place.instance_id), rows)
    return told


def outcomes_of(folder: TaskFolder, rows: Sequence[Graded]) -> dict[str, Any]:
    """Return what a run found out of each candidate; rows are named by their ids."""
    ballot, given = folder.read("ballot.json", Ballot), folder.read(FILE, GivenPatches)
    assert ballot is not None
    assert given is not None
    made: dict[str | None, list[str]] = {}
    brought: dict[str, str] = {}
    for entry in ballot.entries:
        sample = rows[_line(given.patches[int(entry.id.rpartition("-")[2])].source)].sample_id
        made.setdefault(entry.candidate, []).append(sample)
        if entry.test:
            brought[sample] = entry.test
    return {
        "gate": _gate(folder, ballot),
        "candidates": {
            one.id: {"samples": made[one.id], "cluster": one.cluster, "suspicious": list(one.suspicious)}
            for one in ballot.candidates
        },
        "no_candidate": made.get(None, []),
        "tests": list(ballot.tests),
        "issue_tests": list(ballot.issue_tests),
        "brought": brought,
        "outcomes": {test: dict(row) for test, row in ballot.outcomes.items()},
        "rewritten": {test: list(names) for test, names in ballot.rewritten.items()},
        "regressions": {name: list(tests) for name, tests in ballot.regressions.items()},
        "behaviour": {probe: dict(row) for probe, row in ballot.behaviour.items()},
        "calls": {call: dict(row) for call, row in ballot.calls.items()},
    }


def _gate(folder: TaskFolder, ballot: Ballot) -> dict[str, Any]:
    events = folder.events()
    none: dict[str, Any] = {}
    base = next((event for event in reversed(events) if event["event"] == "baseline"), none)
    files = next((event for event in reversed(events) if event["event"] == "suite"), none)
    return {
        "tests": len(ballot.regression_tests),
        "failing": base.get("failing"),
        "state": base.get("state"),
        "problem": base.get("problem"),
        "files": base.get("files")
        or files.get("tests")
        or sorted({test.split("::")[0] for test in ballot.regression_tests}),
    }


def _line(source: str) -> int:
    """Return the index of the row that a prediction was read from: its file has one on each line."""
    return int(source.rpartition(":")[2]) - 1


def _rows_file(wanted: Sequence[str], folder: Path) -> Path:
    """Write the drawn instances' rows, Lite's where both data sets have one: it says its version."""
    known: dict[str, Mapping[str, Any]] = {}
    for name in ("verified", "lite"):
        known |= {row["instance_id"]: row for row in read_rows(data_folder() / SUBSETS[name])}
    folder.mkdir(parents=True, exist_ok=True)
    file = folder / "rows.jsonl"
    write_whole(file, "".join(f"{json.dumps(known[name])}\n" for name in wanted))
    return file


def _processor_seconds() -> float:
    """Return the processor time of every command that has ended so far; what a container took is not in it."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


if __name__ == "__main__":
    main()
