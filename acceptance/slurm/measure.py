"""``make acceptance-slurm``: the scripts of docs/cluster on Debian's SLURM, two nodes of one machine, to their report.

By Ray inside an allocation: ended by the signal that SLURM sends before a time limit, submitted again, one node's step
cancelled while tasks are under way. In parts: one of an array's jobs cancelled and submitted again, then merged.
The model is scripted and knows the fixes: nothing is shown of any model.
"""

from __future__ import annotations

import argparse
import os
import socket
import sys
import tempfile
import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass
from importlib import metadata
from pathlib import Path
from typing import Any

from acceptance.agents.tools.__main__ import options, settings
from acceptance.agents.tools.known_fixes import KnownFix, starter_fixes
from acceptance.agents.tools.scripted_endpoint import ScriptedEndpoint
from acceptance.agents.tools.scripts import resolving
from acceptance.batch.kills import left_over
from acceptance.batch.kills.kill import answers_on_record
from acceptance.commands import run, runoff
from acceptance.record import ROOT, Record, recording
from acceptance.slurm.programs import NoSlurm, programs
from acceptance.slurm.small_cluster import NODES, Slurm, running
from swebench_runs.figures.report.model import Report
from swebench_runs.run_folder.store import Run

SCRIPTS = ROOT / "docs" / "cluster"
WORKERS = 2
"""Tasks and live trajectories of a node."""
LIMIT = 3600.0


class Counting(ScriptedEndpoint):
    """Takes its time, and counts what it is asked."""

    def __init__(self, fixes: Sequence[KnownFix], seconds: float) -> None:
        super().__init__(fixes, resolving)
        self._seconds = seconds
        self._count = threading.Lock()
        self.asked = 0

    def answer(self, request: dict[str, Any]) -> tuple[int, dict[str, Any]]:
        """Answer by the script."""
        with self._count:
            self.asked += 1
        time.sleep(self._seconds)
        return super().answer(request)


@dataclass
class Scene:
    """Where it happens."""

    record: Record
    slurm: Slurm
    endpoint: Counting
    fixes: list[KnownFix]
    folder: Path
    lost: int = 0
    """Calls that may have been in flight when something was ended: nobody can have kept their answers."""

    def words(self, trajectories: int) -> list[str]:
        """Return what is asked of ``runoff run``."""
        return options(settings(self.endpoint, self.fixes, trajectories=trajectories, workers=WORKERS))

    def answers(self, name: str) -> int:
        """Count a run's answers on record."""
        return answers_on_record(self.folder / name)

    def judge(self, what: str, run_folder: str, recorded: Sequence[str], trajectories: int, before: int) -> None:
        """Check a run's report, and that no answer was lost or asked for twice."""
        report = Report.model_validate_json((self.folder / run_folder / "report.json").read_bytes())
        resolved = sum(task.resolved for task in report.tasks)
        count = len(self.fixes)
        self.record.check(
            f"{what}: every task is in the report and resolved",
            resolved == count == len(report.tasks),
            f"{resolved} of {len(report.tasks)}",
        )
        asked, kept = self.endpoint.asked - before, sum(self.answers(name) for name in recorded)
        needed = sum(len(resolving(fix)) for fix in self.fixes) * trajectories
        self.record.figures[what] = {
            "asked": asked,
            "on_record": kept,
            "needed": needed,
            "in_flight_at_most": self.lost,
        }
        self.record.check(f"{what}: nothing is lost: every answer is on record", kept == needed, f"{kept} of {needed}")
        self.record.check(
            f"{what}: nothing is paid twice but what was in flight",
            asked - kept <= self.lost,
            f"{asked} asked, {kept} on record, {self.lost} in flight at most",
        )
        self.lost = 0


def under_ray(scene: Scene) -> None:
    """One job on both nodes: TERM as before a time limit, the same line again, one node's step cancelled."""
    slurm, name, before = scene.slurm, "allocation", scene.endpoint.asked
    words = [*scene.words(2), "-o", str(scene.folder / name)]

    def submit() -> str:
        return slurm.submit(SCRIPTS / "slurm_ray.sh", words, f"--nodes={len(NODES)}", RAY_PORT=str(_free_port()))

    job = submit()
    slurm.under_way(job, lambda: scene.answers(name) >= 4, seconds=LIMIT)
    slurm.cancel("--batch", "--signal=TERM", job)
    state, kept = slurm.wait(job, seconds=LIMIT), scene.answers(name)
    scene.lost += WORKERS * len(NODES)
    told = slurm.told()
    scene.record.check(
        "the signal before a time limit: the run says that all is saved",
        "Everything is saved" in told,
        f"{state} {slurm.exit_code(job)}, {kept} answers on record",
    )
    job = submit()
    slurm.under_way(job, lambda: _nodes_at_work(scene.folder / name, kept) == len(NODES), seconds=LIMIT)
    step = slurm.step(f"ray-{NODES[1]}")
    scene.record.check("a step is cancelled while both nodes work", step is not None, step)
    if step:
        slurm.cancel(step)
        scene.lost += WORKERS
    state = slurm.wait(job, seconds=LIMIT)
    scene.record.check(
        "one node's step cancelled: the job comes to its end", state == "COMPLETED", f"{state} {slurm.exit_code(job)}"
    )
    moved = _moved(scene.folder / name)
    scene.record.check("its tasks went on elsewhere", bool(moved), f"{len(moved)} tasks on more than one node")
    scene.judge("one allocation", name, [name], 2, before)


def in_parts(scene: Scene) -> None:
    """An array of two jobs, one of them cancelled and submitted again by its number; merged and graded."""
    slurm, before = scene.slurm, scene.endpoint.asked
    parts = scene.folder / "parts"
    names = [f"parts/part-{number}" for number in (1, 2)]
    script, words = SCRIPTS / "slurm_array.sh", scene.words(1)
    job = slurm.submit(script, words, "--array=1-2", RUNS=str(parts))
    slurm.under_way(f"{job}_2", lambda: scene.answers(names[1]) >= 3, seconds=LIMIT)
    slurm.cancel(f"{job}_2")
    scene.lost += WORKERS
    first, second = slurm.wait(f"{job}_1", seconds=LIMIT), slurm.wait(f"{job}_2", seconds=LIMIT)
    scene.record.check(
        "an array's job cancelled: the other comes to its end",
        (first, second) == ("COMPLETED", "CANCELLED"),
        f"{first}, {second}",
    )
    again = slurm.submit(script, words, "--array=2", RUNS=str(parts), PARTS="2")
    state = slurm.wait(f"{again}_2", seconds=LIMIT)
    scene.record.check("submitted again by its number it goes on", state == "COMPLETED", state)
    for line in (
        runoff("merge", *(str(scene.folder / name) for name in names), "-o", str(parts / "all")),
        runoff("grade", str(parts / "all")),
    ):
        done = run(line, timeout=LIMIT, env={"OPENAI_API_KEY": "none"}, quiet=True)
        scene.record.check(f"runoff {line[3]} ends well", done.exit_code == 0, done.last_line)
    scene.judge("in parts", "parts/all", names, 1, before)


def _nodes_at_work(run_folder: Path, kept: int) -> int:
    """Count the nodes that have tasks under way, once more is on record than before."""
    if answers_on_record(run_folder) < kept + 2:
        return 0
    stored = Run.load(run_folder)
    begun = [stored.task(name).events() for name in stored.instances if not stored.decided(name)]
    return len(
        {
            [event["node"] for event in events if event["event"] == "begun"][-1]
            for events in begun
            if any(event["event"] == "begun" for event in events)
        }
    )


def _moved(run_folder: Path) -> list[str]:
    """Return the tasks of the last sitting that were begun on more than one of its nodes."""
    stored = Run.load(run_folder)
    began = stored.header["resumed"][-1]
    nodes = {
        name: {
            event["node"] for event in stored.task(name).events() if event["event"] == "begun" and event["at"] >= began
        }
        for name in stored.instances
    }
    return [name for name, where in nodes.items() if len(where) > 1]


def _free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as one:
        return int(one.getsockname()[1])


def main(arguments: Sequence[str] | None = None) -> None:
    """Set SLURM up, run both scripts, and look at what is left."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--tasks", type=int, default=6)
    parser.add_argument("--seconds", type=float, default=1.0, help="of each answer of the scripted model")
    asked = parser.parse_args(arguments)
    record = Record("slurm", n=asked.tasks, unit="tasks, by each script")
    record.notes.append("The model is scripted and knows the fixes: it drives the path, it shows no skill.")
    record.notes.append("Both nodes are this machine; what two machines do to a shared folder is not seen here.")
    with tempfile.TemporaryDirectory(prefix="rs") as name, recording(record), left_over.adopting_orphans():
        folder = Path(name)
        try:
            slurm_programs = programs(folder)
        except NoSlurm as error:
            raise SystemExit(f"acceptance slurm: {error}") from None
        record.figures |= {"slurm": slurm_programs.version, "ray": metadata.version("ray")}
        fixes = starter_fixes(asked.tasks)
        bystanders = set(left_over.surviving_processes((), grace=0))
        variables = _variables(folder)
        (folder / "r").mkdir()
        with Counting(fixes, asked.seconds) as endpoint, running(slurm_programs, folder, variables) as slurm:
            scene = Scene(record, slurm, endpoint, fixes, folder)
            try:
                under_ray(scene)
                in_parts(scene)
            finally:
                print(slurm.told()[-6000:], file=sys.stderr)
            record.check("nothing is asked beside the script", not endpoint.strange, endpoint.strange[:3] or "nothing")
        run(runoff("clean"), timeout=600, env=variables, quiet=True)
        _nothing_left(record, folder, bystanders)


def _variables(folder: Path) -> dict[str, str]:
    """Return what jobs find in their environment."""
    return {
        **{"OPENAI_API_KEY": "none", "RUNOFF_BIN": str(Path(sys.executable).parent), "RUNOFF_STATE": f"{folder}/s"},
        **{"RAY_TMPDIR": f"{folder}/r", "RAY_raylet_start_wait_time_s": "300"},
        "RAY_worker_register_timeout_seconds": "300",
    }


def _nothing_left(record: Record, folder: Path, bystanders: set[int]) -> None:
    alive = left_over.surviving_processes(bystanders).values()
    for what, left in (
        ("process", list(alive)),
        ("sandbox", left_over.state_folders(folder / "s")),
        ("mount", left_over.mounts_below(folder)),
    ):
        record.check(f"no {what} is left", not left, "; ".join(left) or "none")


if __name__ == "__main__":
    os.environ.setdefault("OPENAI_API_KEY", "none")
    main()
