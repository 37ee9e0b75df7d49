"""The driver of a run on a cluster: hands tasks to nodes, hears what comes of them, and gives lost ones to others."""

from __future__ import annotations

import logging
import sys
import threading
import time
from collections import Counter
from collections.abc import Callable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Any

from agent.models.contract import ModelUnusable
from agent.trajectory.budget import Ledger
from environments.sandboxes.contract import SandboxError
from environments.task import Task
from swebench_runs.errors import EnvironmentMissing, RunoffError
from swebench_runs.many_tasks.cluster import ray_nodes
from swebench_runs.many_tasks.cluster.futures import Futures
from swebench_runs.many_tasks.cluster.job import Job
from swebench_runs.many_tasks.cluster.leaving import ENDING, Leaving
from swebench_runs.many_tasks.cluster.mirror import Mirror, apply
from swebench_runs.many_tasks.cluster.news import News, Over, Shown, Written
from swebench_runs.many_tasks.cluster.node_runner import Begun
from swebench_runs.many_tasks.cluster.placing import MOST_LOSSES, Placing
from swebench_runs.many_tasks.cluster.ray_nodes import NodeLost, RayNode
from swebench_runs.many_tasks.cluster.runner import Runner
from swebench_runs.many_tasks.cluster.shares import Shares
from swebench_runs.many_tasks.spent_before import on_record
from swebench_runs.one_task.progress import Progress
from swebench_runs.run_folder.store import Run

NODES_EVERY = 2.0
"""Seconds between two looks at which nodes there are."""
LOST_FOR = 15.0
"""Seconds before a lost node is met again: Ray lists a dead one for a while, and one out of reach may come back."""
BEGINNING = 600.0
"""Seconds that a node gets to say that it is ready; the embedded server is started in them."""
OF_THE_NODE = (SandboxError, EnvironmentMissing, OSError)
"""Failures that another node may not have."""

_log = logging.getLogger(__name__)


class ClusterExecutor:
    """An ``Executor`` on the nodes of the joined cluster; one thread does all that is done with them.

    It takes every task at once, and keeps those that wait for a free node: nodes come and go.
    """

    at_once = sys.maxsize

    def __init__(self, run: Run, job: Job, ledger: Ledger, progress: Progress, stop: threading.Event) -> None:
        """``ledger``: the run's account, with what earlier sittings have spent."""
        self._run = run
        self._job = job
        self._asked: set[str] = set()
        self._progress = progress
        self._stop = stop
        self._shares = Shares(run.config.limits.run, ledger.spent)
        self._placing = Placing()
        self._futures = Futures()
        self._runners: dict[str, Runner] = {}
        self._calls: dict[Any, tuple[Runner, Callable[[Runner, Any], None]]] = {}
        self._refused: dict[str, str] = {}
        """Nodes that cannot work, with the reason."""
        self._losses: Counter[str] = Counter()
        self._lost_until: dict[str, float] = {}
        self._looked = float("-inf")
        self._reattaching: set[str] = set()
        """Nodes that an earlier driver has left, and which have not yet said what they hold."""
        self._leaving = Leaving(job.header["started"], self._last_words)
        self._over = threading.Event()
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="cluster")

    def begin(self, tasks: Sequence[Task]) -> None:
        """Meet the nodes that an earlier driver has left, then the others. ``tasks``: those that will be submitted."""
        self._asked = {task.instance_id for task in tasks}
        for name in self._asked:
            self._shares.count(name, on_record(self._run.task(name)))
        known = {node.id: node for node in ray_nodes.alive()}
        for name, actor in ray_nodes.begun_before(self._job.key).items():
            if name in known:
                self._reattaching.add(name)
                self._meet(known[name], actor)
            else:  # of a node that is not used any more, such as one that offers no sandboxes where others now do
                self._leaving.send_off(name, actor)
        self._thread.submit(self._drive).add_done_callback(self._driven)

    def submit(self, task: Task) -> Future[str]:
        """Have a node begin the task when one is free."""
        return self._futures.submit(task)

    def close(self) -> None:
        """Begin no further task."""
        self._futures.cancel()

    def end(self) -> None:
        """End the nodes' processes."""
        self._over.set()
        self._thread.shutdown()
        closing = [runner.actor.close.remote() for runner in self._runners.values()]
        deadline = time.monotonic() + ENDING
        while closing and (left := deadline - time.monotonic()) > 0:
            done = ray_nodes.first_ready(closing, left)
            closing = [call for call in closing if call != done]
        for runner in self._runners.values():
            ray_nodes.end(runner.actor)
        self._leaving.finish()

    def _drive(self) -> None:
        told = False
        while not self._over.is_set():
            if self._stop.is_set() and not told:
                told = True
                for runner in self._runners.values():
                    runner.actor.stop.remote()
            elif not self._stop.is_set():
                self._look_for_nodes()
                self._hand_out()
            self._leaving.step()
            self._hear(0.2)

    def _driven(self, drive: Future[None]) -> None:
        """Pass on what ended the driving before its time."""
        error = drive.exception()
        if isinstance(error, OSError):  # no failure of the tasks' machines, after which they would be begun again
            error = RunoffError(f"the cluster's driver cannot go on: {error}")
        if error:
            self._futures.end(error)

    def _look_for_nodes(self) -> None:
        """Start at work what nodes there are now, and count out those that are gone."""
        if time.monotonic() - self._looked < NODES_EVERY:
            return
        now = self._looked = time.monotonic()
        away = {name for name, until in self._lost_until.items() if until > now}
        nodes = {node.id: node for node in ray_nodes.alive()}
        for name in self._runners.keys() - nodes.keys():
            self._lose(self._runners[name], "it is no longer part of the cluster")
        for runner in list(self._runners.values()):
            if runner.begun is None and now - runner.met > BEGINNING:
                self._lose(runner, f"it did not say that it is ready within {BEGINNING:.0f} s")
                away.add(runner.node.id)
        for name in nodes.keys() - self._runners.keys() - self._refused.keys() - self._leaving.nodes - away:
            slots = nodes[name].sandboxes or self._run.config.workers
            self._meet(nodes[name], ray_nodes.start(self._job, nodes[name], slots, len(nodes)))
        if nodes and nodes.keys() <= self._refused.keys():
            reasons = "; ".join(sorted(self._refused.values()))
            self._futures.fail_all(EnvironmentMissing(f"no node can work: {reasons}"))

    def _meet(self, node: RayNode, actor: Any) -> None:
        runner = Runner(actor, node, node.sandboxes or self._run.config.workers)
        self._runners[node.id] = runner
        self._calls[actor.begin.remote()] = runner, self._has_begun

    def _has_begun(self, runner: Runner, begun: Begun) -> None:
        if begun.stopped or begun.settings != self._job.settings:  # an earlier driver's, stopped or of other limits
            self._forget(runner)
            self._leaving.send_off(runner.node.id, runner.actor, begun)
            return
        runner.begun, runner.heard = begun, begun.first
        if begun.problem:
            self._refuse(runner, begun.problem)
            return
        repos = [runner.node.repo] * bool(runner.node.repo)
        self._placing.meet(runner.node.id, runner.slots, repos, begun.holding)
        for task, share in begun.given.items():
            self._shares.hold(task, share)
        self._reattaching.discard(runner.node.id)
        self._tell(f"{runner.node.name} takes {runner.slots} at a time{'' if begun.shared else ', records are sent'}")
        self._ask(runner)

    def _tell(self, text: str) -> None:
        self._progress.note("cluster", text)

    def _ask(self, runner: Runner) -> None:
        self._calls[runner.actor.news.remote(runner.heard)] = runner, self._told

    def _hand_out(self) -> None:
        """Give waiting tasks to nodes, once all that may hold some of them already have said so, or have left."""
        if self._reattaching or self._leaving:
            return
        for task in self._futures.submitted():
            self._placing.add(task.instance_id, task.repo)
        while choice := self._placing.next():
            self._give(*choice)

    def _give(self, name: str, node: str) -> None:
        runner = self._runners[node]
        task = self._futures.wanted(name)
        if task is None or not self._futures.begin(name):
            self._placing.over(name, node)
            return
        try:
            share = self._shares.give(name, len(self._placing.waiting))
        except RunoffError as error:
            self._placing.over(name, node)
            self._fail(name, error)
            return
        assert runner.begun
        records = () if runner.begun.shared else Mirror(self._run.task(name).path).changes()
        runner.actor.submit.remote(task, records, share)

    def _hear(self, patience: float) -> None:
        """Deal with one answer of a node, if one comes."""
        if not self._calls:
            self._over.wait(patience)
            return
        call = ray_nodes.first_ready(list(self._calls), patience)
        if call is None:
            return
        runner, deal = self._calls.pop(call)
        if self._runners.get(runner.node.id) is not runner:
            return  # it was counted out meanwhile, and its tasks are others' now
        try:
            answer = ray_nodes.outcome(call)
        except NodeLost as error:
            self._lose(runner, str(error))
        else:
            deal(runner, answer)

    def _told(self, runner: Runner, news: list[News]) -> None:
        for one in news:
            if isinstance(one, Shown):
                one.show(self._progress)
            elif isinstance(one, Written):
                apply(self._run.task(one.task).path, one.changes)
            else:
                self._is_over(runner, one)
        runner.heard += len(news)
        self._ask(runner)

    def _is_over(self, runner: Runner, over: Over) -> None:
        count_out = self._placing.failed if isinstance(over.error, OF_THE_NODE) else self._placing.over
        count_out(over.task, runner.node.id)
        self._count(over)
        if over.error is None:
            self._futures.decide(over.task, over.line)
        else:
            over.error.add_note(over.trace)
            self._fail(over.task, over.error)

    def _count(self, over: Over) -> None:
        # Of a task that was decided when this driver began, the records were counted then.
        self._shares.take_back(over.task, over.spent if over.task in self._asked else None)

    def _last_words(self, news: News) -> None:
        """Keep what a node has that leaves; what it has not brought to an end begins again, from its records."""
        if isinstance(news, Written):
            apply(self._run.task(news.task).path, news.changes)
        elif isinstance(news, Over):
            self._count(news)
            if news.error is None:
                self._futures.decide(news.task, news.line)

    def _fail(self, name: str, error: Exception) -> None:
        if isinstance(error, ModelUnusable):
            self._stop.set()  # every other task would fail the same way
        self._futures.fail(name, error)

    def _lose(self, runner: Runner, reason: str) -> None:
        """Give the tasks of a node that is gone to others; they go on from their records."""
        self._forget(runner)
        ray_nodes.end(runner.actor)  # it may only be out of reach, and would go on with what others do now
        self._losses[runner.node.id] += 1
        self._lost_until[runner.node.id] = time.monotonic() + LOST_FOR
        place = self._placing.places.get(runner.node.id)
        for name in place.tasks if place else ():
            self._shares.take_back(name)  # what is on record is charged as it is replayed
        self._tell(f"{runner.node.name} is lost: {reason}")
        for name in self._placing.lost(runner.node.id):
            self._fail(name, RunoffError(f"{MOST_LOSSES} nodes were lost while they worked on it, last: {reason}"))
        if self._losses[runner.node.id] >= MOST_LOSSES:
            self._refused[runner.node.id] = f"{runner.node.name} was lost {MOST_LOSSES} times: {reason}"

    def _refuse(self, runner: Runner, reason: str) -> None:
        """Do without a node that cannot work."""
        self._forget(runner)
        self._refused[runner.node.id] = f"{runner.node.name}: {reason}"
        _log.warning("a node is left out, %s", self._refused[runner.node.id])
        ray_nodes.end(runner.actor)

    def _forget(self, runner: Runner) -> None:
        del self._runners[runner.node.id]
        self._reattaching.discard(runner.node.id)
