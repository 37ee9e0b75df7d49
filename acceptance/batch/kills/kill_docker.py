"""Item 8: what a killed Runoff leaves on a Docker engine is removed, by ``runoff clean`` and by the next run's start.

Beside it live another Runoff and somebody else's container, volume and network, which nobody may touch.
"""

from __future__ import annotations

import os
import secrets
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path

from acceptance.batch.kills import left_over
from acceptance.commands import run, runoff
from acceptance.record import ROOT, Record, recording
from environments.sandboxes.docker import connect
from environments.sandboxes.docker.engine import Engine
from environments.sandboxes.docker.labels import RUN
from swebench_runs.bench.vote_matrix.made_task import made_task

IMAGE = "runoff/test-base:1"
CONTAINERS = 8
KINDS = ("containers", "images", "volumes", "networks")


@dataclass(frozen=True)
class Found:
    """What an engine has of one run, or of somebody else: ids and names."""

    containers: tuple[str, ...]
    images: tuple[str, ...]
    volumes: tuple[str, ...]
    networks: tuple[str, ...]

    @property
    def counts(self) -> dict[str, int]:
        """How many of each."""
        return {kind: len(found) for kind, found in asdict(self).items()}

    @property
    def nothing(self) -> bool:
        """Whether there is none at all."""
        return not any(self.counts.values())


def found(engine: Engine, label: str) -> Found:
    """Return what bears a label."""
    api, wanted = engine.api, {"label": label}
    return Found(
        tuple(sorted(one["Id"] for one in api.containers(all=True, filters=wanted))),
        tuple(sorted(one["Id"] for one in api.images(all=True, filters=wanted))),
        tuple(sorted(one["Name"] for one in (api.volumes(filters=wanted) or {}).get("Volumes") or [])),
        tuple(sorted(one["Id"] for one in api.networks(filters=wanted))),
    )


@contextmanager
def strangers(engine: Engine, image: str) -> Iterator[str]:
    """Give the label of a container that runs, a volume and a network that are not Runoff's."""
    mark = f"acceptance.stranger={secrets.token_hex(6)}"
    name, labels = f"stranger-{mark[-12:]}", dict([mark.split("=")])
    api = engine.api
    try:
        api.create_volume(name, labels=labels)
        api.create_network(name, labels=labels)
        mounts = api.create_host_config(binds={name: {"bind": "/kept", "mode": "rw"}})
        made = api.create_container(image, ["sleep", "900"], labels=labels, name=name, host_config=mounts)
        api.start(made["Id"])
        yield mark
    finally:
        left = found(engine, mark)
        for container in left.containers:
            api.remove_container(container, force=True)
        for volume in left.volumes:
            api.remove_volume(volume)
        for network in left.networks:
            api.remove_network(network)


class Runner:
    """A process with open sandboxes of a run of its own, each of them busy with a command."""

    def __init__(self, image: str, cache: Path, state: Path, containers: int) -> None:
        """Start it, and wait until all are open."""
        self.run_id = f"acceptance-{secrets.token_hex(6)}"
        self._process = subprocess.Popen(
            [sys.executable, "-m", "acceptance.batch.kills.killed", self.run_id, image, str(cache), str(containers)],
            cwd=ROOT,
            env={**os.environ, "RUNOFF_STATE": str(state)},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        self.pid = self._process.pid
        self._answer("open")

    def works(self) -> bool:
        """Say whether a command still runs in every one of its containers."""
        assert self._process.stdin
        self._process.stdin.write("work\n")
        self._process.stdin.flush()
        return self._answer("worked")

    def kill(self) -> None:
        """Kill it with signal 9."""
        self._process.kill()
        self._process.wait()

    def end(self) -> None:
        """Let it close its sandboxes and end; whatever state it is in."""
        if self._process.poll() is None:
            assert self._process.stdin
            self._process.stdin.close()
            self._process.wait(timeout=120)

    def _answer(self, wanted: str) -> bool:
        assert self._process.stdout
        return self._process.stdout.readline().strip() == wanted


def one_kill(record: Record, runner: Runner, engine: Engine, clean: Sequence[str], how: str, state: Path) -> None:
    """Kill a runner, clean, and check that nothing of it is left."""
    mark = f"{RUN}={runner.run_id}"
    before = found(engine, mark)
    record.check(f"{how}: the run has containers, forks' images and a volume", _has_all(before), before.counts)
    runner.kill()
    stays = found(engine, mark)
    record.check(f"{how}: the kill leaves them behind", bool(stays.containers), stays.counts)
    done = run(clean, timeout=300, env={"RUNOFF_STATE": str(state)})
    record.check(f"{how}: it ends well", done.exit_code == 0, f"exit code {done.exit_code}: {done.last_line}")
    after = found(engine, mark)
    record.check(f"{how}: nothing of the run is on the engine", after.nothing, after.counts)
    record.check(f"{how}: it says what it removed", runner.run_id in done.output, done.last_line[:200])
    groups = left_over.control_groups([runner.pid])
    record.check(f"{how}: no control group is left", not groups, groups or "none")
    record.figures[how] = {"before": before.counts, "after": after.counts, "seconds": round(done.seconds, 2)}


def _has_all(things: Found) -> bool:
    return all(len(group) >= 1 for group in (things.containers, things.images, things.volumes))


def main() -> None:
    """Kill two runs beside a living one and a stranger's things."""
    with (
        recording(Record("kill_docker", n=2, unit="kills")) as record,
        tempfile.TemporaryDirectory(prefix="rk") as name,
        made_task(Path(name), IMAGE) as task,
        strangers(connect(), IMAGE) as stranger,
        left_over.adopting_orphans(),
    ):
        engine, folder, state = connect(), Path(name), Path(name) / "s"
        foreign = found(engine, stranger)
        alive = Runner(task.image, task.cache, state, 2)
        try:
            living = found(engine, f"{RUN}={alive.run_id}")
            start = [
                sys.executable,
                "-c",
                "from swebench_runs.one_task.ground.base_sandbox import prepare_host; prepare_host()",
            ]
            for count, how, clean in (
                (CONTAINERS, "runoff clean", runoff("clean")),
                (2, "the start of a run", start),
            ):
                one_kill(record, Runner(task.image, task.cache, state, count), engine, clean, how, state)
            still = found(engine, f"{RUN}={alive.run_id}")
            record.check("a living run's things are all there", still == living, still.counts)
            record.check("a living run's sandboxes work", alive.works(), "a command in each")
            untouched = found(engine, stranger)
            record.check("a stranger's things are all there", untouched == foreign, untouched.counts)
            running = engine.api.inspect_container(foreign.containers[0])["State"]["Running"]
            record.check("a stranger's container runs on", running, running)
        finally:
            alive.end()
        processes = left_over.surviving_processes(())
        record.check("no process is left", not processes, "; ".join(processes.values()) or "none")
        left = found(engine, f"{RUN}={alive.run_id}")
        record.check("a run that ends by itself leaves nothing", left.nothing, left.counts)
        folders, mounts = left_over.state_folders(state), left_over.mounts_below(folder)
        record.check("no sandbox's folder is left", not folders, folders or "none")
        record.check("no mount is left", not mounts, mounts or "none")


if __name__ == "__main__":
    main()
