"""Commands as a user gives them: run in the checkout, shown while they run, kept and timed."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from acceptance.record import ROOT


@dataclass(frozen=True)
class Done:
    """A command that ended."""

    exit_code: int
    """Negative: the signal that ended it."""
    output: str
    """stdout and stderr, merged."""
    seconds: float

    @property
    def last_line(self) -> str:
        """The last line that says something."""
        lines = [line for line in self.output.splitlines() if line.strip()]
        return lines[-1].strip() if lines else "no output"


def runoff(*arguments: str) -> list[str]:
    """Return the command line of ``runoff`` in this very environment."""
    return [sys.executable, "-c", "from swebench_runs.cli import main; main()", *arguments]


def run(
    command: Sequence[str],
    *,
    timeout: float,
    cwd: Path = ROOT,
    env: Mapping[str, str] | None = None,
    quiet: bool = False,
) -> Done:
    """Run a command to its end, showing its output unless ``quiet``; after ``timeout`` seconds it is killed.

    It leads a process group of its own, so that nothing of it outlives the timeout.
    """
    began = time.monotonic()
    process = subprocess.Popen(
        command,
        cwd=cwd,
        env={**os.environ, **(env or {})},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        start_new_session=True,
    )
    late = threading.Timer(timeout, os.killpg, (process.pid, signal.SIGKILL))
    late.start()
    lines = []
    try:
        assert process.stdout
        for line in process.stdout:
            lines.append(line.decode(errors="replace"))
            if not quiet:
                print(lines[-1], end="", flush=True)
        process.wait()
    finally:
        late.cancel()
        if process.poll() is None:
            os.killpg(process.pid, signal.SIGKILL)
    return Done(process.returncode, "".join(lines), time.monotonic() - began)
