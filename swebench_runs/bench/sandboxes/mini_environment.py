"""mini-swe-agent in a virtual environment of its own, made once in the user's cache; and the process that times it."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from platformdirs import user_cache_path

from environments.host_python import host_python, python_module
from swebench_runs.bench.sandboxes.phases import Times
from swebench_runs.errors import EnvironmentMissing

VERSION = "2.4.6"
_IMPORTED_FROM = Path(__file__).resolve().parents[3]
"""Where that process finds this package."""


def mini_python() -> Path:
    """Return the Python that has mini-swe-agent, installing it from PyPI the first time: a minute or two.

    Raises:
        EnvironmentMissing: it cannot be installed; the line says why.
    """
    folder = user_cache_path("runoff") / f"mini-swe-agent-{VERSION}"
    python, done = folder / "bin" / "python", folder / ".installed"
    if done.exists():
        return python
    for child in (
        host_python("-m", "venv", "--clear", str(folder)),
        host_python("-m", "pip", "install", "--quiet", f"mini-swe-agent=={VERSION}", python=python),
    ):
        made = subprocess.run(
            child.command, env=child.environment, cwd=child.folder, capture_output=True, text=True, check=False
        )
        if made.returncode != 0:
            why = (made.stderr.strip().splitlines() or ["no reason given"])[-1]
            raise EnvironmentMissing(f"mini-swe-agent {VERSION} cannot be installed from PyPI: {why}")
    done.touch()
    return python


class MiniDriver:
    """A process that times mini-swe-agent's Docker environment on demand. A context manager."""

    def __init__(self, image: str) -> None:
        """Start it; EnvironmentMissing when mini-swe-agent cannot be installed."""
        child = python_module(
            "swebench_runs.bench.sandboxes.mini",
            image,
            found_in=_IMPORTED_FROM,
            python=mini_python(),
            variables={"MSWEA_SILENT_STARTUP": "1"},
        )
        self._process = subprocess.Popen(
            child.command,
            cwd=child.folder,
            env=child.environment,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )

    def time_together(self, count: int, trips: int) -> Times:
        """Do as ``sandbox_phases.time_together``, over there. EnvironmentMissing when the process has failed."""
        assert self._process.stdin
        assert self._process.stdout
        self._process.stdin.write(json.dumps({"count": count, "trips": trips}) + "\n")
        self._process.stdin.flush()
        line = self._process.stdout.readline()
        if not line:
            raise EnvironmentMissing("the process that times mini-swe-agent has ended; its words stand above")
        times: Any = json.loads(line)
        return {str(phase): [float(value) for value in values] for phase, values in times.items()}

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Let it end, which cleans up its containers."""
        assert self._process.stdin
        self._process.stdin.close()
        self._process.wait()
