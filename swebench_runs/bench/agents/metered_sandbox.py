"""A sandbox whose every method is metered as a command: what the agent does around it is its own."""

from __future__ import annotations

from contextlib import AbstractContextManager, nullcontext
from typing import Self

from environments.sandboxes.contract import Sandbox
from environments.sandboxes.wrapped import WrappedSandbox
from swebench_runs.bench.agents.meter import Meter


class MeteredSandbox(WrappedSandbox):
    """Another sandbox; its forks are metered too. ``meter`` may be changed between two trajectories."""

    def __init__(self, sandbox: Sandbox, meter: list[Meter]) -> None:
        """``meter``: a list of one, shared by all forks; empty: nothing is metered."""
        super().__init__(sandbox)
        self._meter = meter

    def _around(self) -> AbstractContextManager[None]:
        return self._meter[0].part("command") if self._meter else nullcontext()

    def _again(self, sandbox: Sandbox) -> Self:
        return type(self)(sandbox, self._meter)
