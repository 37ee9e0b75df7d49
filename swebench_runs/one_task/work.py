"""What the stages of one task share: its tools, its record, and how trajectories are started."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, contextmanager
from contextvars import copy_context
from dataclasses import dataclass, field
from typing import Any

from agent.models.contract import ModelError
from agent.models.profiles import ModelProfile
from agent.models.roles import Role
from agent.prompts import render
from agent.scaffolds.conversation import Sampling
from agent.trajectory.budgeted_model import Ledger
from agent.trajectory.call_record import CallRecord
from agent.trajectory.journal import Journal
from agent.trajectory.session import MOST_SITTINGS, Interrupted, Session
from agent.trajectory.trajectory import Ending, Kind, Trajectory
from environments.sandboxes.contract import SandboxError
from environments.task import Task
from environments.workbench.workbench import Workbench
from swebench_runs.config import RunConfig
from swebench_runs.one_task.players import Player, player
from swebench_runs.one_task.progress import Progress
from swebench_runs.one_task.task_run import TaskRun
from swebench_runs.run_folder.task_folder import TaskFolder

_FAILURES = {Ending.MODEL_ERROR: ModelError, Ending.SANDBOX_ERROR: SandboxError}

_DISPENSABLE: frozenset[Kind] = frozenset({"judge", "runoff", "locate"})
"""What a task is decided without where the model gives it no usable answer."""


@dataclass(frozen=True)
class Work:
    """One task being resolved."""

    run: TaskRun
    bench: Workbench
    enough: threading.Event = field(default_factory=threading.Event)
    """Set once the early-stop policy is satisfied."""

    @property
    def task(self) -> Task:
        """The task."""
        return self.run.task

    @property
    def folder(self) -> TaskFolder:
        """Its record."""
        return self.run.folder

    @property
    def config(self) -> RunConfig:
        """The run's configuration."""
        return self.run.shared.config

    @property
    def progress(self) -> Progress:
        """Whoever watches."""
        return self.run.shared.progress

    def player(self, kind: Kind, index: int) -> Player:
        """Return who plays a trajectory."""
        return player(self.run.shared, self.folder, kind, index)

    def profile(self, role: Role) -> ModelProfile:
        """Return what is known of the model that plays a role, of a pool its first."""
        return self.config.profile_of(self.config.pool_of(role).first)

    @contextmanager
    def stage(self, name: str, keep: float = 0.0) -> Iterator[Ledger]:
        """Tell and record a stage's start and end, and open its budget: what is left but the share ``keep`` of all.

        Raises Interrupted instead of starting a stage after a stop.
        """
        if self.run.shared.stop.is_set():
            raise Interrupted
        self.progress.stage(self.task.instance_id, name)
        self.folder.event("stage_start", stage=name)
        began = time.monotonic()
        yield self.run.ledger.stage(keep)
        self.folder.event("stage_end", stage=name, seconds=round(time.monotonic() - began, 3))

    def situation(self, context: str) -> str:
        """Return what opens every prompt of the task: the same text, so that endpoints read it once."""
        return render("situation", repo=self.task.repo, context=context, issue=self.task.problem_statement)

    def sampling(self, index: int, turns: int, stage: str, profile: ModelProfile) -> Sampling:
        """Return how trajectory ``index`` of a stage samples, with a model of which ``profile`` is known."""
        config = self.config
        stages = ("edit", "test", "runoff", "judge", "single", "locate")
        return Sampling(
            turns=turns,
            temperature=config.temperature_of(index, profile),
            answer_tokens=profile.room(profile.answer_tokens),
            most_tokens=profile.max_output_tokens,
            seed=config.seed * 1_000_003 + stages.index(stage) * 10_007 + index * 101,
        )

    @contextmanager
    def session(
        self,
        kind: Kind,
        index: int,
        ledger: Ledger,
        header: dict[str, Any],
        *,
        by: Player,
        about: str = "",
        made: Callable[[Trajectory], None] = lambda trajectory: None,
    ) -> Iterator[Session]:
        """Open a trajectory's record and link it to its model, the workbench and its stage's budget.

        ``about``: the key of the header that says which candidates it is about. A record about others, of before the
        task had more trajectories, or of another model, answers another question: it is set aside. ``made``: see
        `Session`.
        """
        name = f"{kind}-{index}"
        task = self.task.instance_id
        shared = {"task": task, "trajectory": name, "model": by.name, **header}
        path = self.folder.journal_path(kind, index)
        known = self.folder.header(kind, index)
        if about and any(known.get(key, shared[key]) != shared[key] for key in (about, "model")):
            self.folder.set_aside(path)
        calls = CallRecord(self.folder.calls_path, name)
        with Journal(path, shared) as journal, closing(calls):
            yield Session(
                journal,
                by.model,
                self.bench,
                ledger.child(self.config.trajectory_limits),
                interrupt=self.run.shared.stop,
                enough=self.enough,
                sittings=1 if kind in _DISPENSABLE else MOST_SITTINGS,
                tell=lambda text: self.progress.step(task, name, text),
                spent=lambda usage, cost: self.progress.usage(task, usage, cost, by=(by.role, by.name)),
                calls=calls,
                made=made,
            )

    def asked(self, kind: Kind, count: int) -> int:
        """Return how many trajectories of a kind the task has: ``count``, and no fewer than are on record."""
        return max(count, self.folder.recorded(kind))

    def trajectories(
        self, count: int, run: Callable[[int], Trajectory], *, after: Callable[[list[Trajectory]], None] | None = None
    ) -> list[Trajectory]:
        """Run trajectories 0 to ``count`` - 1 at the same time, as many as ``live`` allows; in order of index.

        Those on record beyond ``count`` belong to the task too: the caller counts them (``asked``).

        ``after`` sees all that have ended so far each time one does. When the endpoint or the sandbox failed in one
        of them, the others are brought to their end first, then this raises that failure.
        """
        done: dict[int, Trajectory] = {}
        lock = threading.Lock()

        def one(index: int) -> Trajectory:
            with self.run.shared.live.place(
                self.task.instance_id
            ):  # the next one starts only when ``after`` has had its say
                trajectory = run(index)
                self.tell_ending(trajectory)
                with lock:
                    done[index] = trajectory
                    if after:
                        after([done[i] for i in sorted(done)])
            return trajectory

        if not count:
            return []
        with ThreadPoolExecutor(count, thread_name_prefix="trajectory") as pool:
            futures = [pool.submit(copy_context().run, one, index) for index in range(count)]
        trajectories = [future.result() for future in futures]
        for trajectory in trajectories:
            self.raise_failure(trajectory)
        return trajectories

    def tell_ending(self, trajectory: Trajectory) -> None:
        """Tell that a trajectory ended, and why where its ending alone does not say."""
        task = self.task.instance_id
        if trajectory.ending in _FAILURES or trajectory.ending == Ending.CONTEXT_LIMIT:
            self.progress.step(task, trajectory.id, trajectory.why)
            self.folder.event("lost", trajectory=trajectory.id, ending=trajectory.ending, why=trajectory.why)
        self.progress.ended(task, trajectory.id, trajectory.ending)

    def raise_failure(self, trajectory: Trajectory) -> None:
        """Raise the failure of the endpoint or the sandbox that a trajectory waits for the end of, if it does.

        A refused request is none: it is the end of its trajectory, and its task goes on without.
        """
        if not trajectory.final and (failure := _FAILURES.get(trajectory.ending)):
            raise failure(f"{trajectory.id} ended with {trajectory.ending}: {trajectory.why}")

    def ended(self, trajectory: Trajectory) -> None:
        """Tell that a trajectory ended; raises as ``raise_failure``."""
        self.tell_ending(trajectory)
        self.raise_failure(trajectory)
