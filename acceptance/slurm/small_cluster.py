"""A SLURM cluster of two nodes that are both this machine: munged, one controller, two ``slurmd``. All ends with it."""

from __future__ import annotations

import getpass
import os
import secrets
import socket
import subprocess
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

from acceptance.slurm.programs import Programs

NODES = ("n1", "n2")
OVER = ("COMPLETED", "FAILED", "CANCELLED", "TIMEOUT", "NODE_FAIL", "OUT_OF_MEMORY")
_PATIENCE = 120.0


@dataclass(frozen=True)
class Slurm:
    """A running cluster."""

    programs: Programs
    environment: Mapping[str, str]
    """Of whoever asks it something."""
    folder: Path

    def submit(self, script: Path, arguments: Sequence[str], *options: str, **variables: str) -> str:
        """Submit a script as ``sbatch`` does; returns the job's number."""
        line = ("sbatch", "--parsable", f"--output={self.folder}/job-%A-%a.txt", *options, str(script), *arguments)
        return self._ask(*line, **variables).partition(";")[0]

    def state(self, job: str) -> str:
        """Return a job's state, in SLURM's word."""
        told = self._ask("scontrol", "--oneliner", "show", "job", job)
        return told.partition("JobState=")[2].split()[0]

    def exit_code(self, job: str) -> str:
        """Return the exit code of a job that is over, as ``code:signal``."""
        return self._ask("scontrol", "--oneliner", "show", "job", job).partition("ExitCode=")[2].split()[0]

    def step(self, name: str) -> str | None:
        """Return the number of a running step by its name."""
        lines = self._ask("squeue", "--steps", "--noheader", "--format=%i %j").splitlines()
        return next((number for number, told in (line.split(maxsplit=1) for line in lines) if told == name), None)

    def cancel(self, *what: str) -> None:
        """Cancel a job or a step, or send it a signal: the words of ``scancel``."""
        self._ask("scancel", *what)

    def under_way(self, job: str, there: Callable[[], bool], *, seconds: float) -> None:
        """Wait until a running job has come so far. RuntimeError where it ends before."""
        state = self.wait(job, seconds=seconds, until=there)
        if state in OVER:
            raise RuntimeError(
                f"job {job} is {state} ({self.exit_code(job)}) before it came so far: {self.told()[-500:]}"
            )

    def wait(self, job: str, *, seconds: float, until: Callable[[], bool] = lambda: False) -> str:
        """Wait until a job is over, or ``until`` says so; returns its state then. TimeoutError after ``seconds``."""
        deadline = time.monotonic() + seconds
        while (state := self.state(job)) not in OVER and not until():
            if time.monotonic() > deadline:
                raise TimeoutError(f"job {job} is {state} after {seconds:.0f} s")
            time.sleep(0.5)
        return state

    def told(self) -> str:
        """Return what all jobs have printed."""
        return "\n".join(path.read_text(errors="replace") for path in sorted(self.folder.glob("job-*.txt")))

    def _ask(self, *command: str, **variables: str) -> str:
        done = subprocess.run(
            command,
            env={**self.environment, **variables},
            cwd=self.folder,
            capture_output=True,
            text=True,
            check=False,
            timeout=120,
        )
        if done.returncode:
            raise RuntimeError(f"{' '.join(command[:3])}: {' '.join(done.stderr.split())[:500]}")
        return done.stdout.strip()


@contextmanager
def running(programs: Programs, folder: Path, variables: Mapping[str, str]) -> Iterator[Slurm]:
    """Give a cluster whose files lie below ``folder``; jobs find ``variables`` in their environment."""
    for name in ("state", "logs"):
        (folder / name).mkdir()
    key = folder / "munge.key"
    key.touch(mode=0o600)
    key.write_bytes(secrets.token_bytes(128))
    (folder / "slurm.conf").write_text(_configuration(programs, folder))
    environment = {**os.environ, **programs.environment, "SLURM_CONF": str(folder / "slurm.conf"), **variables}
    slurm = Slurm(programs, environment, folder)
    with ExitStack() as stack:
        _start(stack, slurm, "munged", _munged(folder))
        _wait("munged", (folder / "munge.socket").exists)
        _start(stack, slurm, "slurmctld", ("slurmctld", "-D"))
        for node in NODES:
            _start(stack, slurm, node, ("slurmd", "-D", "-N", node, "-d", str(programs.step)))
        _wait("two idle nodes", lambda: _idle(slurm) == len(NODES))
        yield slurm


def _munged(folder: Path) -> tuple[str, ...]:
    files = {"key-file": "munge.key", "socket": "munge.socket", "pid-file": "munge.pid", "seed-file": "munge.seed"}
    return ("munged", "--foreground", "--force", *(f"--{option}={folder / name}" for option, name in files.items()))


def _configuration(programs: Programs, folder: Path) -> str:
    host, user = socket.gethostname().partition(".")[0], getpass.getuser()
    ports = _free_ports(1 + len(NODES))
    nodes = [
        f"NodeName={name} NodeHostname={host} NodeAddr=127.0.0.1 Port={port} CPUs=1 State=UNKNOWN"
        for name, port in zip(NODES, ports[1:], strict=True)
    ]
    plugins = [f"PluginDir={programs.plugins}"] if programs.plugins else []
    return "\n".join(
        [
            *("ClusterName=runoff", f"SlurmctldHost={host}(127.0.0.1)", f"SlurmctldPort={ports[0]}"),
            *(f"SlurmUser={user}", f"SlurmdUser={user}", *plugins),
            *("AuthType=auth/munge", "CredType=cred/munge", f"AuthInfo=socket={folder}/munge.socket"),
            *(f"StateSaveLocation={folder}/state", f"SlurmdSpoolDir={folder}/spool-%n"),
            *(f"SlurmctldPidFile={folder}/slurmctld.pid", f"SlurmdPidFile={folder}/slurmd-%n.pid"),
            *("ProctrackType=proctrack/linuxproc", "TaskPlugin=task/none", "MpiDefault=none", "SwitchType=switch/none"),
            *("JobAcctGatherType=jobacct_gather/none", "AccountingStorageType=accounting_storage/none"),
            *("SelectType=select/linear", "SchedulerType=sched/builtin", "ReturnToService=2", "KillWait=10"),
            *("SlurmctldTimeout=300", "SlurmdTimeout=300", "MinJobAge=3600"),
            *nodes,
            "PartitionName=all Nodes=ALL Default=YES MaxTime=INFINITE State=UP",
            "",
        ]
    )


def _free_ports(count: int) -> list[int]:
    with ExitStack() as stack:
        sockets = [stack.enter_context(socket.create_server(("127.0.0.1", 0))) for _ in range(count)]
        return [one.getsockname()[1] for one in sockets]


def _start(stack: ExitStack, slurm: Slurm, name: str, command: Sequence[str]) -> None:
    log = stack.enter_context((slurm.folder / "logs" / f"{name}.txt").open("ab"))
    process = subprocess.Popen(
        command, env=slurm.environment, cwd=slurm.folder, stdin=subprocess.DEVNULL, stdout=log, stderr=log
    )
    stack.callback(_end, process)


def _end(process: subprocess.Popen[bytes]) -> None:
    process.terminate()
    try:
        process.wait(timeout=30)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


def _idle(slurm: Slurm) -> int:
    done = subprocess.run(
        ("sinfo", "--noheader", "--Node", "--format=%T"), env=slurm.environment, capture_output=True, text=True
    )
    return done.stdout.split().count("idle")


def _wait(what: str, there: Callable[[], bool]) -> None:
    deadline = time.monotonic() + _PATIENCE
    while not there():
        if time.monotonic() > deadline:
            raise TimeoutError(f"SLURM on this machine: no {what} after {_PATIENCE:.0f} s")
        time.sleep(0.2)
