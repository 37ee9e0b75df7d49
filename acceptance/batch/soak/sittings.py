"""The command that is worked on by faults: started again whenever it has ended, watched from outside all the time."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import threading
import time
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from acceptance.batch.soak.ground import Ground
from acceptance.commands import runoff
from acceptance.record import ROOT

LOOK_EVERY = 2.0
"""Seconds between two looks at the driver."""
STARTS = 600.0
"""Seconds in which a driver must have begun to work, or have ended."""


@dataclass(frozen=True)
class Look:
    """The driver, as its process tells from outside."""

    pid: int
    seconds: float
    """Since the sitting began."""
    decided: int
    resident: int
    """Bytes."""
    descriptors: int
    threads: int


@dataclass
class Driver:
    """Starts ``runoff run`` over and over. A context manager; looks at it in a thread of its own."""

    ground: Ground
    api_base: str
    process: subprocess.Popen[bytes] | None = None
    pids: list[int] = field(default_factory=list)
    exits: list[int] = field(default_factory=list)
    looks: list[Look] = field(default_factory=list)

    def __post_init__(self) -> None:
        self._over = threading.Event()
        self._began = 0.0
        self._thread = threading.Thread(target=self._watch, daemon=True)

    @property
    def log(self) -> Path:
        """What all sittings said."""
        return self.ground.folder / "driver.txt"

    def decided(self) -> int:
        """Count the tasks that are decided."""
        return len(list(self.ground.run.glob("tasks/*/decision.json")))

    @property
    def alive(self) -> bool:
        """Tell whether it runs."""
        return self.process is not None and self.process.poll() is None

    def ensure(self) -> bool:
        """Start it where it has ended; returns whether it had."""
        if self.alive:
            return False
        self._note_exit()
        before = self._answers()
        self.process = self.launch()
        self.pids.append(self.process.pid)
        self._began = time.monotonic()
        deadline = time.monotonic() + STARTS
        while self.alive and self._answers() == before and time.monotonic() < deadline:
            time.sleep(0.1)
        return True

    def launch(self) -> subprocess.Popen[bytes]:
        """Give the command once."""
        with self.log.open("ab") as output:
            return subprocess.Popen(
                ["setpriv", "--pdeathsig", "KILL", *runoff(*self.ground.command(self.api_base))],
                cwd=ROOT,
                env=self.ground.environment,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
            )

    def ended(self, patience: float) -> int | None:
        """Wait for its end; returns its exit code, or None where it does not end."""
        assert self.process
        with suppress(subprocess.TimeoutExpired):
            return self.process.wait(timeout=patience)
        return None

    def send(self, number: signal.Signals) -> None:
        """Send it a signal, if it runs."""
        if self.process and self.alive:
            self.process.send_signal(number)

    def said(self, since: int) -> str:
        """Return what it said from a byte of its log on."""
        with self.log.open("rb") as file:
            file.seek(since)
            return file.read().decode(errors="replace")

    def __enter__(self) -> Self:
        self.log.touch()
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._over.set()
        self._thread.join()
        if self.process:
            self.process.kill()
            self._note_exit()

    def _note_exit(self) -> None:
        if self.process is not None:
            self.exits.append(self.process.wait())
            self.process = None

    def _answers(self) -> int:
        with suppress(OSError):
            return os.stat(self.ground.folder / "billed.jsonl").st_size  # noqa: PTH116 - one call for one number
        return 0

    def _watch(self) -> None:
        while not self._over.wait(LOOK_EVERY):
            process = self.process
            if process and process.poll() is None and (found := _told(process.pid)):
                look = Look(process.pid, time.monotonic() - self._began, self.decided(), *found)
                self.looks.append(look)
                with (self.ground.folder / "looks.jsonl").open("a") as out:
                    out.write(json.dumps(look.__dict__) + "\n")


def _told(pid: int) -> tuple[int, int, int] | None:
    """Return a process's resident bytes, open descriptors and threads; None where it is gone."""
    try:
        fields: dict[str, Any] = dict(
            line.split(":", 1) for line in Path(f"/proc/{pid}/status").read_text().splitlines()
        )
        opened = len(os.listdir(f"/proc/{pid}/fd"))  # noqa: PTH208 - names are not looked at
        return int(fields["VmRSS"].split()[0]) << 10, opened, int(fields["Threads"])
    except (OSError, KeyError):
        return None


@dataclass
class Endpoint:
    """The model's server, which may be killed; a context manager."""

    folder: Path
    port: int = 0
    process: subprocess.Popen[str] | None = None
    address: str = ""

    def start(self) -> None:
        """Start it, at the port that it had before."""
        command = [sys.executable, "-m", "acceptance.batch.soak.endpoint", str(self.port), str(self.folder)]
        self.process = subprocess.Popen(command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        assert self.process.stdout
        self.address = self.process.stdout.readline().strip()
        self.port = int(self.address.rpartition(":")[2].partition("/")[0])

    def kill(self) -> None:
        """End it at once."""
        if self.process:
            self.process.kill()
            self.process.wait()

    def trouble(self, kind: str) -> None:
        """Say how it fails from now on; empty: no longer."""
        draft = self.folder / "trouble.new"
        draft.write_text(kind)
        draft.rename(self.folder / "trouble")

    def __enter__(self) -> Self:
        self.trouble("")
        self.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.kill()
