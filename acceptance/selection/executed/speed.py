"""``python -m acceptance.selection.executed.speed --repos DIR``: the matrix by ``select --execute``, and by containers.

One instance, 16 candidates, 10 tests that a scripted model writes. First ``runoff select --execute``, whole, from the
command to its end: image unpacked, gate, votes, the second look, everything. Then its cells alone (each test on each
candidate and on the base, and the gate's runs), each in a container of its own: made, patched, run, removed.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from acceptance.commands import run, runoff
from acceptance.record import ROOT, Record, recording
from acceptance.rows.real_rows import real_rows
from acceptance.selection.executed.draw import graded_pool
from environments.sandboxes.contract import Sandbox
from environments.task import EnvironmentSpec
from environments.workbench.outcome import GeneratedTest
from environments.workbench.scripts.script_runner import run_script
from environments.workbench.suites.suite_runner import run_suite
from swebench_runs.grades.row_grading import LIMITS
from swebench_runs.one_task.ground.image_base import open_task_image
from swebench_runs.one_task.pool import FILE as POOL
from swebench_runs.one_task.pool import Pool
from swebench_runs.run_folder.store import Run
from swebench_runs.run_folder.task_folder import TaskFolder
from swebench_runs.splits.images import RowImages
from swebench_runs.splits.row_split import environment

INSTANCE, CANDIDATES, TESTS, TARGET = "django__django-11133", 16, 10, 5.0
LIMIT = 1800.0
_CONTAINERS = Path("/sys/fs/cgroup/cpuacct/docker/cpuacct.usage")
_ENGINE = ("dockerd", "containerd")


@dataclass
class Took:
    """What a way of filling the matrix took, in seconds."""

    wall: float
    processor: float


def main() -> None:
    """Measure both, one after the other."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--repos", type=Path, required=True)
    options.add_argument(
        "--containers", type=int, default=1000, help="cells that get a container, drawn; the rest is theirs"
    )
    asked = options.parse_args()
    repos = asked.repos
    with (
        recording(Record("select_speed", n=CANDIDATES * TESTS, unit="cells", seed=0)) as record,
        tempfile.TemporaryDirectory(prefix="runoff-speed-") as temporary,
    ):
        folder = Path(temporary)
        _made_ready(repos)
        ours = _timed(lambda: _select(folder / "select", repos))
        task = Run.load(folder / "select" / "chosen").task(INSTANCE)
        cells, drawn, theirs = _in_containers(task, repos, asked.containers)
        record.figures = {
            "instance": INSTANCE,
            "candidates": CANDIDATES,
            "tests": TESTS,
            "cells": cells,
            "cells_in_containers": drawn,
            "select": vars(ours),
            "fresh_containers": vars(theirs),
            "faster": {
                "wall": round(theirs.wall / ours.wall, 2),
                "processor": round(theirs.processor / ours.processor, 2),
            },
        }
        for kind, times in record.figures["faster"].items():
            record.check(f"at least {TARGET:.0f} times faster, {kind} time", times >= TARGET, times)
        record.notes.append(
            "select's time is the whole command's; the containers' is their cells' alone, of those drawn, times all by "
            "drawn. Processor time of the containers is the client's, the engine's and the containers' own; others may "
            "have used the engine."
        )


def _select(place: Path, repos: Path) -> None:
    place.mkdir(parents=True)
    patches = dict.fromkeys(row.norm_src for row in graded_pool()[INSTANCE] if row.patch.strip())
    chosen = {row.norm_src: row.patch for row in graded_pool()[INSTANCE]}
    rows = [{"instance_id": INSTANCE, "model_patch": chosen[name]} for name in list(patches)[:CANDIDATES]]
    file = place / "candidates.jsonl"
    file.write_text("".join(f"{json.dumps(row)}\n" for row in rows))
    with _endpoint() as address:
        words = ["price.policy=zero", "test_turns=1", "judge=off", "runoff_turns=0", "test_scaffold=test-writing"]
        command = runoff(
            *("select", str(file), "--subset", "lite", "-i", INSTANCE, "--execute", "-m", "hosted_vllm/scripted"),
            *("--api-base", address, "--tests", str(TESTS), "--repos", str(repos), "-w", "1", "--yes"),
            *(word for key in words for word in ("-c", key)),
            *("-o", str(place / "chosen")),
        )
        done = run(command, timeout=LIMIT, quiet=True, env={"HOSTED_VLLM_API_KEY": "none"})
    if done.exit_code:
        raise SystemExit(done.output)


@contextmanager
def _endpoint() -> Iterator[str]:
    command = [sys.executable, "-m", "acceptance.selection.executed.scripted_tests"]
    with subprocess.Popen(command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as server:
        assert server.stdout
        yield server.stdout.readline().strip()
        server.communicate()


def _made_ready(repos: Path) -> None:
    """Make the image and unpack it: what both ways find there."""
    row = real_rows()[INSTANCE]
    images = RowImages.open(repos=repos)
    spec = images.spec(row)
    with open_task_image(images.ensure(row, spec), spec, kind="bubblewrap", limits=LIMITS, run_id="speed"):
        pass


def _in_containers(task: TaskFolder, repos: Path, most: int) -> tuple[int, int, Took]:
    """Run cells in a container of its own each; return how many there are, how many ran, and what all would take."""
    pool = task.read(POOL, Pool)
    assert pool is not None
    row = real_rows()[INSTANCE]
    images = RowImages.open(repos=repos)
    spec = images.spec(row)
    image = images.ensure(row, spec)
    files = next(event["files"] for event in task.events() if event["event"] == "baseline")
    suite = environment(row).model_copy(update={"test_paths": tuple(files)})
    trees = [None, *(candidate.patch for candidate in pool.candidates)]
    jobs: list[tuple[GeneratedTest | None, str | None]] = [(test, tree) for test in pool.tests for tree in trees]
    jobs += [(None, tree) for tree in (None, *trees)]
    drawn = random.Random(0).sample(jobs, min(most, len(jobs)))

    def cells() -> None:
        for test, patch in drawn:
            with open_task_image(image, spec, kind="docker", limits=LIMITS, run_id="speed") as sandbox:
                _cell(sandbox, test, patch, suite)

    took, share = _timed(cells, engine=True), len(jobs) / len(drawn)
    return len(jobs), len(drawn), Took(round(took.wall * share, 1), round(took.processor * share, 1))


def _cell(sandbox: Sandbox, test: GeneratedTest | None, patch: str | None, suite: EnvironmentSpec) -> None:
    if patch is not None:
        sandbox.run(["git", "apply", "--whitespace=nowarn", "-"], stdin=patch.encode("utf-8", "surrogateescape"))
    if test is None:
        run_suite(sandbox, suite, timeout=120)
    else:
        run_script(sandbox, test, suite, timeout=30)


def _timed(work: Callable[[], None], *, engine: bool = False) -> Took:
    before, began = _processor(engine=engine), time.monotonic()
    work()
    return Took(round(time.monotonic() - began, 1), round(_processor(engine=engine) - before, 1))


def _processor(*, engine: bool) -> float:
    """Return the processor time of this process and what it has started, and of the engine with all its containers."""
    used = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    own = sum(one.ru_utime + one.ru_stime for one in used)
    if not engine:
        return own
    contained = int(_CONTAINERS.read_text()) / 1e9 if _CONTAINERS.exists() else 0.0
    return own + contained + sum(_seconds_of(pid) for pid in _pids())


def _pids() -> list[str]:
    found: Mapping[str, str] = {
        path.parent.name: path.read_text().strip() for path in Path("/proc").glob("[0-9]*/comm") if path.exists()
    }
    return [pid for pid, name in found.items() if name in _ENGINE]


def _seconds_of(pid: str) -> float:
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


if __name__ == "__main__":
    main()
