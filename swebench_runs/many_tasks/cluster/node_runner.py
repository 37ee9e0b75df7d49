"""What runs on a node of a cluster: the tasks that it is given, in threads of one process, as on a laptop.

Nothing here knows of Ray: the driver makes it an actor. It goes on when the driver is gone, so that the next one finds
its tasks further on, and ends when nobody has asked for news for long.
"""

from __future__ import annotations

import os
import tempfile
import threading
import time
import traceback
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import Future
from contextlib import ExitStack
from dataclasses import dataclass, field, replace
from pathlib import Path

import yaml

from agent.models.contract import ModelUnusable
from agent.trajectory.budget import Ceilings, Ledger
from agent.trajectory.session import Interrupted
from environments.errors import Foreseen
from environments.sandboxes.contract import SandboxError
from environments.sandboxes.removal import remove_tree
from environments.task import Task
from environments.workbench.open_sandboxes import OpenSandboxes
from swebench_runs.errors import EnvironmentMissing, RunoffError
from swebench_runs.many_tasks.batch.executor import Threads
from swebench_runs.many_tasks.cluster.job import Job, per_node, shares
from swebench_runs.many_tasks.cluster.mirror import Change, Mirror, apply
from swebench_runs.many_tasks.cluster.news import News, NewsBox, Over, Reporter, Written
from swebench_runs.many_tasks.models.connecting import connected
from swebench_runs.many_tasks.task_work import TaskWork
from swebench_runs.one_task.places import Places
from swebench_runs.one_task.task_run import Shared
from swebench_runs.run_folder.files import write_whole
from swebench_runs.run_folder.store import Run

ORPHANED = 600.0
"""Seconds without a driver after which a node's process ends, once its tasks are over."""
PATIENCE = 5.0
"""Seconds that a question for news waits for some."""
CARRIED_EVERY = 0.2
"""Seconds between two looks at what tasks have written, where the folder is not shared."""

_KINDS: tuple[type[Exception], ...] = (
    *(Interrupted, ModelUnusable, SandboxError, EnvironmentMissing, RunoffError, Foreseen, OSError),
)


@dataclass(frozen=True)
class Begun:
    """How a node stands when a driver meets it."""

    problem: str = ""
    """Why it cannot work, in one line; empty: it can."""
    settings: str = ""
    """What it was begun with: ``Job.settings``."""
    started: str = ""
    """When the run was begun that it is of: another one in the same folder was begun at another time."""
    stopped: bool = False
    """An earlier driver has stopped it, and was killed before it ended it: it begins nothing any more."""
    shared: bool = True
    """Whether it sees the run's folder."""
    holding: tuple[str, ...] = ()
    """Tasks that it was given earlier, and whose end no driver has confirmed."""
    first: int = 0
    """The number of its first news."""
    given: Mapping[str, Ceilings] = field(default_factory=dict)
    """What those of the tasks may spend that it is still at work on."""


class NodeRunner:
    """Works on tasks of one run on this machine. Its methods may be called from any thread."""

    def __init__(self, job: Job, node: str, slots: int, nodes: int, leave: Callable[[], None]) -> None:
        """``node``: its name. ``slots``: live trajectories. ``nodes``: how many share the endpoint's rates.

        ``leave`` is called when no driver has asked for long.
        """
        self._job = job
        self._node = node
        self._slots = slots
        self._nodes = nodes
        self._leave = leave
        self._box = NewsBox()
        self._stop = threading.Event()
        self._lock = threading.Lock()
        self._stack = ExitStack()
        self._begun: Begun | None = None
        self._mirrors: dict[str, Mirror] = {}
        self._given: dict[str, Ledger] = {}
        """The tasks that are not over, each with its account."""
        self._asked = time.monotonic()

    def begin(self) -> Begun:
        """Make ready to work, the first time; returns how it stands."""
        with self._lock:
            if self._begun is None:
                self._begun = self._made_ready()
            holding = tuple(sorted({*self._given, *self._box.unconfirmed()}))
            given = {name: ledger.limits for name, ledger in self._given.items()}
            return replace(
                self._begun,
                settings=self._job.settings,
                started=self._job.header["started"],
                stopped=self._stop.is_set(),
                holding=holding,
                first=self._box.first,
                given=given,
            )

    def _made_ready(self) -> Begun:
        os.environ.update(self._job.environment)
        threading.Thread(target=self._watch, name="watch", daemon=True).start()
        shared = shares(self._job)
        if self._job.must_share and not shared:
            problem = f"it does not see {self._job.folder}: mount it there, or give --no-shared"
            return Begun(problem=problem, shared=False)
        try:
            self._job.ground.check_host()
            self._run = Run.load(self._job.folder if shared else self._own_folder())
            config = per_node(self._run.config, self._nodes)
            models, lease = self._stack.enter_context(connected(config, self._stop))
        except (Foreseen, OSError) as error:
            return Begun(problem=str(error), shared=shared)
        self._shared = Shared(
            model=next(iter(models.values())),
            models=models,
            config=config,
            lease=lease,
            progress=Reporter(self._box),
            stop=self._stop,
            live=Places(self._slots),
            sandboxes=OpenSandboxes(config.open_sandboxes),
        )
        self._open_base = self._job.ground.opener(self._run)
        self._threads = Threads(self._resolve, self._slots, self._stop)
        return Begun(shared=shared)

    def _own_folder(self) -> Path:
        """Make a folder of this node's own for the run."""
        folder = Path(tempfile.mkdtemp(prefix="runoff-node-"))
        self._stack.callback(remove_tree, folder)
        write_whole(folder / "run.yaml", yaml.safe_dump(dict(self._job.header), sort_keys=False))
        return folder

    def submit(self, task: Task, records: Sequence[Change], ceilings: Ceilings) -> None:
        """Take a task on. ``records``: what the run has of it, where this node does not see that."""
        with self._lock:
            assert self._begun
            name = task.instance_id
            if not self._begun.shared:
                folder = self._run.task(name).path
                apply(folder, records)
                self._mirrors[name] = Mirror(folder, known=True)
            self._given[name] = Ledger(ceilings)
        self._threads.submit(task).add_done_callback(lambda future: self._over(name, future))

    def _resolve(self, task: Task) -> str:
        ledger = self._given[task.instance_id]
        return TaskWork(self._run, self._open_base, self._shared, ledger, node=self._node)(task)

    def _over(self, name: str, future: Future[str]) -> None:
        """Tell what came of a task, behind all that it has written."""
        error = future.exception()
        with self._lock:
            self._carry(name)
            self._mirrors.pop(name, None)
            spent = self._given.pop(name).spent
            if error is None:
                self._box.add(Over(name, future.result(), spent=spent))
            else:
                trace = "".join(traceback.format_exception(error))
                self._box.add(Over(name, error=_sendable(error), trace=trace, spent=spent))

    def news(self, number: int) -> list[News]:
        """Confirm all news before ``number``, and return the others; waits a while for some."""
        self._asked = time.monotonic()
        return self._box.after(number, PATIENCE)

    def stop(self) -> None:
        """Bring all tasks to an end, with what they have on record."""
        self._stop.set()

    def close(self) -> None:
        """Let go of models and folders; tasks must be over. What was written is carried, and nothing after it."""
        self._stop.set()
        with self._lock:
            for name in self._mirrors:
                self._carry(name)
            self._mirrors.clear()  # a folder that is removed now must not be told as records that are gone
        self._stack.close()

    def _watch(self) -> None:
        """Carry what tasks have written, and leave when nobody asks any more."""
        while True:
            time.sleep(CARRIED_EVERY)
            with self._lock:
                for name in self._mirrors:
                    self._carry(name)
                alone = not self._given and time.monotonic() - self._asked > ORPHANED
            if alone:
                self.close()
                self._leave()
                return

    def _carry(self, name: str) -> None:
        if name in self._mirrors and (changes := self._mirrors[name].changes()):
            self._box.add(Written(name, changes))


def _sendable(error: BaseException) -> Exception:
    """Return an exception that the driver can make again: of the kind by which it decides, with the text."""
    kind = next((kind for kind in _KINDS if isinstance(error, kind)), None)
    return kind(str(error)) if kind else RuntimeError(f"{type(error).__name__}: {error}")
