"""A sandbox whose every method is metered as a command: what the agent does around it is its own."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import AbstractContextManager, nullcontext
from types import TracebackType
from typing import Self

from environments.sandboxes.contract import WORKTREE, Result, Sandbox
from swebench_runs.bench.agents.meter import Meter


class MeteredSandbox:
    """Another sandbox; its forks are metered too. ``meter`` may be changed between two trajectories."""

    def __init__(self, sandbox: Sandbox, meter: list[Meter]) -> None:
        """``meter``: a list of one, shared by all forks; empty: nothing is metered."""
        self._sandbox, self._meter = sandbox, meter

    def run(
        self,
        command: str | Sequence[str],
        *,
        timeout: float = 60.0,
        cwd: str = WORKTREE,
        stdin: bytes | None = None,
        env: Mapping[str, str] | None = None,
    ) -> Result:
        """Run it."""
        with self._metered():
            return self._sandbox.run(command, timeout=timeout, cwd=cwd, stdin=stdin, env=env)

    def prepare(
        self,
        command: str | Sequence[str],
        *,
        cwd: str = WORKTREE,
        stdin: bool = False,
        env: Mapping[str, str] | None = None,
    ) -> None:
        """Prepare it."""
        with self._metered():
            self._sandbox.prepare(command, cwd=cwd, stdin=stdin, env=env)

    def read(self, path: str) -> bytes:
        """Read it."""
        with self._metered():
            return self._sandbox.read(path)

    def write(self, path: str, content: bytes) -> None:
        """Write it."""
        with self._metered():
            self._sandbox.write(path, content)

    def fork(self) -> Self:
        """Fork it."""
        with self._metered():
            return type(self)(self._sandbox.fork(), self._meter)

    def diff(self) -> str:
        """Compare it."""
        with self._metered():
            return self._sandbox.diff()

    def close(self) -> None:
        """Close it."""
        with self._metered():
            self._sandbox.close()

    def _metered(self) -> AbstractContextManager[None]:
        return self._meter[0].part("command") if self._meter else nullcontext()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()
