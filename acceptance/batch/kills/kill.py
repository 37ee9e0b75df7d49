"""Item 4: a run that is killed again and again, at random moments, and resumed each time.

It must do the same tasks as a run that nobody touches, ask for no answer that is on record already, and leave
nothing behind on the host.
"""

from __future__ import annotations

import os
import random
import subprocess
import tempfile
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from itertools import islice
from pathlib import Path
from typing import Any

from acceptance.batch.kills import left_over
from acceptance.batch.kills.call_counter import Counter
from acceptance.commands import runoff
from acceptance.record import Record, recording
from agent.trajectory.journal import read_journal
from swebench_runs.run_folder.store import Run

KILLS = 10
SEED = 20251124
LIMIT = 3600.0
"""Seconds of one uninterrupted run after which the measurement gives up."""
SCENARIO = {
    **{"subset": "starter", "shuffle": "true", "slice": "0:2", "model": "local-small"},
    **{"trajectories": 2, "tests": 1, "turns": 2, "test_turns": 2, "runoff_turns": 1, "workers": 2},
    **{"context_tokens": 1500, "answer_tokens": 300, "early_stop": "false"},
}
"""Two starter tasks with the small model."""

Moment = Callable[["subprocess.Popen[bytes]", Counter], bool]
"""Waits until it is time to kill the process, and says so; False when the process ended first."""


@dataclass(frozen=True)
class Round:
    """From one start of the command to its end or its kill."""

    run: str
    killed: bool
    seconds: float
    exit_code: int
    requests: int
    """Model calls that left the process."""
    recorded: int
    """Model answers that this round put on record."""
    survivors: tuple[str, ...]
    """Processes that outlived it."""

    @property
    def unrecorded(self) -> int:
        """Calls that were sent and whose answers are not on record."""
        return self.requests - self.recorded


@dataclass
class Torture:
    """Runs one command over and over; every start of it is a round."""

    config: Mapping[str, Any]
    folder: Path
    counter: Counter
    environment: Mapping[str, str] = field(default_factory=dict)
    rounds: list[Round] = field(default_factory=list)
    pids: list[int] = field(default_factory=list)
    bystanders: set[int] = field(default_factory=lambda: set(left_over.surviving_processes((), grace=0)))
    """Processes that were there before, such as the counter's."""

    @property
    def state(self) -> Path:
        """Where the sandboxes of these runs keep their files, apart from every other run's."""
        return self.folder / "s"

    def start(self, run: Path, moment: Moment) -> Round:
        """Start or resume ``run``, and kill it when ``moment`` says so."""
        before, recorded, began = self.counter.counts(), answers_on_record(run), time.monotonic()
        process = self._launch(run)
        killed = False
        try:
            killed = moment(process, self.counter)
        finally:  # whatever went wrong, nothing is left running
            process.kill()
            code = process.wait()
        survivors = left_over.surviving_processes(self.bystanders)
        self.counter.settle()  # what a killed process had sent may still lie in the socket
        done = Round(
            run=run.name,
            killed=killed and code == -9,
            seconds=round(time.monotonic() - began, 2),
            exit_code=code,
            requests=len(self.counter.counts().keys) - len(before.keys),
            recorded=answers_on_record(run) - recorded,
            survivors=tuple(survivors.values()),
        )
        self.rounds.append(done)
        return done

    def _launch(self, run: Path) -> subprocess.Popen[bytes]:
        options = [part for key, value in self.config.items() for part in ("-c", f"{key}={value}")]
        environment = {**os.environ, **self.counter.environment, "RUNOFF_STATE": str(self.state), **self.environment}
        with (self.folder / "output.txt").open("ab") as output:
            process = subprocess.Popen(
                runoff("run", *options, "-o", str(run), "--no-grade"),
                env=environment,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
            )
        self.pids.append(process.pid)
        return process


def untouched(process: subprocess.Popen[bytes], counter: Counter) -> bool:
    """Wait for the end."""
    process.wait(timeout=LIMIT)
    return False


def after(seconds: float) -> Moment:
    """Return a moment by the clock."""

    def moment(process: subprocess.Popen[bytes], counter: Counter) -> bool:
        try:
            process.wait(timeout=seconds)
        except subprocess.TimeoutExpired:
            return True
        return False

    return moment


def torture(record: Record, subject: Torture, moments: Callable[[float], Sequence[Moment]]) -> None:
    """Run once untouched, then under all the kills, and check what came of it.

    ``moments`` gives the kills for a run that takes so many seconds. A run that is done before all have struck is
    followed by another one from the start.
    """
    reference = subject.folder / "reference"
    whole = subject.start(reference, untouched)
    record.figures["uninterrupted_seconds"] = whole.seconds
    record.check("the uninterrupted run ends well", whole.exit_code == 0, f"exit code {whole.exit_code}")
    if whole.exit_code != 0:
        return  # no kill would ever strike
    runs = [subject.folder / "killed-0"]
    for moment in moments(whole.seconds):
        while not subject.start(runs[-1], moment).killed:
            runs.append(subject.folder / f"killed-{len(runs)}")
    last = subject.start(runs[-1], untouched)
    record.check("the last resumption ends well", last.exit_code == 0, f"exit code {last.exit_code}")
    for run in runs:
        same_work(record, reference, run)
    no_call_twice(record, subject)
    nothing_left(record, subject)


def same_work(record: Record, reference: Path, run: Path) -> None:
    """Check that two runs did the same tasks with the same trajectories, each ended once."""
    wanted, found = done_in(reference), done_in(run)
    record.check(f"{run.name} did the same tasks", wanted.keys() == found.keys(), f"{len(found)} of {len(wanted)}")
    same = [task for task in wanted if wanted[task] == found.get(task)]
    record.check(f"{run.name} ended the same trajectories", len(same) == len(wanted), f"on {len(same)} tasks")


def done_in(run: Path) -> dict[str, dict[str, int]]:
    """Return decided task -> editing and test trajectory -> how often its record says that it ended for good."""
    stored = Run.load(run)
    return {
        name: {
            path.stem: sum(bool(line.get("final")) for line in read_journal(path))
            for path in sorted((stored.task(name).path / "trajectories").glob("*.jsonl"))
        }
        for name in stored.instances
        if stored.decided(name)
    }


def no_call_twice(record: Record, subject: Torture) -> None:
    """Check that the server was asked for nothing that is on record.

    In flight at a kill is what had been sent and not recorded, but never more than the workers can have on the way.
    """
    keys, workers = subject.counter.counts().keys, int(subject.config["workers"])
    killed = [done for done in subject.rounds if done.killed]
    in_flight = sum(min(done.unrecorded, workers) for done in killed)
    recorded, repeated = sum(done.recorded for done in subject.rounds), repeats(keys, subject.rounds)
    record.figures |= {
        "kills": len(killed),
        "kills_with_calls_in_flight": sum(done.unrecorded > 0 for done in killed),
        "requests": len(keys),
        "recorded_answers": recorded,
        "in_flight_at_kills": in_flight,
        "repeated_requests": repeated,
        "rounds": [asdict(done) for done in subject.rounds],
    }
    record.check("requests went through the counter", len(keys) > 0, f"{len(keys)} requests")
    record.check(
        "requests are at most the recorded answers plus those in flight at the kills",
        len(keys) <= recorded + in_flight,
        f"{len(keys)} requests, {recorded} answers, {in_flight} in flight",
    )
    record.check("only what was in flight was asked again", repeated <= in_flight, f"{repeated} asked again")


def repeats(keys: Sequence[str], rounds: Sequence[Round]) -> int:
    """Count the calls that a run asked word for word again; ``keys`` are those of all rounds, in order."""
    of_run: dict[str, list[str]] = {}
    rest = iter(keys)
    for done in rounds:
        of_run.setdefault(done.run, []).extend(islice(rest, done.requests))
    return sum(len(asked) - len(set(asked)) for asked in of_run.values())


def nothing_left(record: Record, subject: Torture) -> None:
    """Check that no process, server, sandbox, control group or mount is left of any round.

    Killed between a sandbox's start and its tie to the run, a run leaves a bwrap that waits and runs nothing; the next
    start ends it. Everything else must end with its run.
    """
    outlived = [command for done in subject.rounds for command in done.survivors]
    strangers = [command for command in outlived if not command.partition(" ")[0].endswith("bwrap")]
    record.figures["bwraps_that_outlived_a_kill"] = len(outlived) - len(strangers)
    alive = left_over.surviving_processes(subject.bystanders).values()
    folders, groups = left_over.state_folders(subject.state), left_over.control_groups(subject.pids)
    mounts = left_over.mounts_below(subject.folder)
    record.check("no server or other program outlives a kill", not strangers, "; ".join(strangers) or "none")
    for what, left in (("process", alive), ("sandbox", folders), ("control group", groups), ("mount", mounts)):
        record.check(f"no {what} is left", not left, "; ".join(left) or "none")


def answers_on_record(run: Path) -> int:
    """Count the model answers in a run's trajectories and run-offs."""
    journals = run.glob("tasks/*/**/*.jsonl") if run.is_dir() else ()
    return sum(line.get("kind") == "model" for path in journals for line in read_journal(path))


def drawn(kills: int, seed: int, seconds: float) -> list[Moment]:
    """Draw moments for a run of so many seconds: each resumption gets on by a part of it before the next strikes."""
    chance = random.Random(seed)
    return [after(chance.uniform(0.2, 2 * seconds / (kills + 1) + 5)) for _ in range(kills)]


def main() -> None:
    """Kill a run of two starter tasks ten times."""
    with (
        recording(Record("kill", n=KILLS, unit="kills", seed=SEED)) as record,
        tempfile.TemporaryDirectory(prefix="rk") as name,
        Counter(Path(name) / "calls.jsonl") as counter,
        left_over.adopting_orphans(),
    ):
        torture(record, Torture(SCENARIO, Path(name), counter), lambda seconds: drawn(KILLS, SEED, seconds))


if __name__ == "__main__":
    main()
