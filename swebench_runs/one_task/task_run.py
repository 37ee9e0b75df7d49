"""What resolving one task takes: what all tasks of a run share, and what is the task's own."""

from __future__ import annotations

import threading
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Self

from agent.models.contract import Model
from agent.trajectory.budgeted_model import Ledger
from agent.trajectory.retired_model import RetiredModel
from environments.sandboxes.contract import Sandbox
from environments.sandboxes.lease import Lease
from environments.task import Task
from environments.workbench.open_sandboxes import OpenSandboxes
from swebench_runs.config import RunConfig
from swebench_runs.one_task.places import Places
from swebench_runs.one_task.progress import Progress
from swebench_runs.run_folder.task_folder import TaskFolder


@dataclass(frozen=True, kw_only=True)
class Shared:
    """What all tasks of a run share; safe to use from many threads."""

    model: Model
    """Plays every role where ``models`` is empty."""
    models: Mapping[str, Model] = field(default_factory=dict)
    """The run's models by name."""
    config: RunConfig
    lease: Lease
    """Under which the tests and an embedded model take turns on this machine's cores."""
    progress: Progress
    stop: threading.Event
    """Set when the run shall end; every task then ends soon, with what it has on record."""
    live: Places
    """Caps the trajectories that run at the same time over all tasks."""
    sandboxes: OpenSandboxes = field(default_factory=OpenSandboxes)
    """Caps the sandboxes that stand open over all tasks."""

    @classmethod
    def of(
        cls, config: RunConfig, models: Mapping[str, Model], lease: Lease, progress: Progress, stop: threading.Event
    ) -> Self:
        """Return what a run of this configuration shares; the first of ``models`` plays what none of them is for."""
        return cls(
            model=next(iter(models.values()), RetiredModel("nobody")),
            models=models,
            config=config,
            lease=lease,
            progress=progress,
            stop=stop,
            live=Places(config.workers),
            sandboxes=OpenSandboxes(config.open_sandboxes),
        )


@dataclass(frozen=True, kw_only=True)
class TaskRun:
    """One task with all that resolving it takes."""

    task: Task
    base: Sandbox
    """Its tree and environment; work happens in forks, so it stays untouched, and is its opener's to close."""
    folder: TaskFolder
    """Keeps all that is found."""
    ledger: Ledger
    """The task's budget."""
    shared: Shared
