"""``BubblewrapSandbox``: the embedded sandbox behind the ``Sandbox`` protocol."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Self

from environments.sandboxes.bubblewrap.base_index import BaseIndex
from environments.sandboxes.bubblewrap.command import Surroundings
from environments.sandboxes.bubblewrap.execution import Prepared
from environments.sandboxes.bubblewrap.home import Home
from environments.sandboxes.bubblewrap.host_root import HostRoot
from environments.sandboxes.bubblewrap.layers import Stack
from environments.sandboxes.bubblewrap.process import Process
from environments.sandboxes.command_sandbox import CommandSandbox
from environments.sandboxes.contract import WORKTREE, Limits, SandboxError
from environments.sandboxes.inside import SHARED_MEMORY
from environments.sandboxes.order import Ended, Order
from environments.sandboxes.tree_diff import REPOSITORY, Answer, Run

_DIFF_SECONDS = 300.0
_NOTHING = HostRoot(python=Path(), binds={}, links={}, masked=())


@dataclass(frozen=True)
class SandboxTree:
    """The task's repository as it was before any command."""

    repository: Path | None
    index: BaseIndex


class BubblewrapSandbox(CommandSandbox):
    """A stack of copy-on-write layers in which each command runs in a bubblewrap of its own.

    Between commands nothing of it runs, but for a bubblewrap that ``prepare`` may have set up and that waits: it is a
    folder. That is why a fork costs two new folders, and why no command can touch the next one's output or exit code.
    """

    def __init__(self, home: Home, stack: Stack, view: Surroundings, limits: Limits, tree: SandboxTree) -> None:
        """Use ``create``."""
        super().__init__(limits)
        self._home = home
        self._stack = stack
        self._view = view
        self._tree = tree
        self._running: Process | None = None
        self._prepared: Prepared | None = None

    @classmethod
    def create(
        cls,
        layers: Sequence[Path],
        *,
        binds: Mapping[str, Path] | None = None,
        root: HostRoot | None = None,
        environment: Mapping[str, str] | None = None,
        limits: Limits | None = None,
        run_id: str = "unnamed",
        head: str | None = None,
    ) -> Self:
        """Make a sandbox whose root file system is ``layers``, lowest first.

        Args:
            layers: folders laid over one another at ``/``, never written to: a task's tree (holding ``testbed/``),
                or an unpacked image. Their files must belong to the user who runs Runoff.
            binds: path in the sandbox -> folder or file of the host, shown read-only
                (``SITE_PACKAGES`` -> an environment's packages).
            root: the host's Python (``host_root()``); None where a layer holds a whole root file system.
            environment: variables beside the fixed ones.
            head: the tree's one commit, for ``diff``; by default HEAD of the tree as the layers hold it.
            run_id: labels what lies on the host.

        Raises:
            SandboxError: this host cannot sandbox; the line says what to do.
        """
        limits = limits or Limits()
        root = root or _NOTHING
        home = Home.of(run_id)
        try:
            base = home.base(layers, {**root.binds, **(binds or {})}, root.links)
            stack = home.new_stack(base.layers)
        except BaseException:
            home.leave()
            raise
        mounts = base.mounts | dict.fromkeys(root.masked, home.empty)
        variables = {**root.environment, **(environment or {})}
        view = Surroundings(mounts, variables, min(limits.memory // 4, SHARED_MEMORY), limits.processes)
        return cls(home, stack, view, limits, SandboxTree(base.repository(), BaseIndex(head)))

    def fork(self) -> Self:
        """Return a new sandbox that starts from this one's file state; see ``Sandbox.fork``."""
        with self._lock:
            self._assert_open()
            self._stand_down()
            self._stack, forked = self._home.fork(self._stack)
            copy = type(self)(self._home, forked, self._view, self._limits, self._tree)
            copy._full, copy._meter = self._full, self._meter
            return copy

    def diff(self) -> str:
        """Return the tree's unified diff against its one commit; see ``Sandbox.diff``."""
        if self._tree.repository is None:
            raise SandboxError(
                f"no layer of this sandbox holds a git repository at {WORKTREE}: nothing to compare with"
            )
        view = replace(self._view, binds={**self._view.binds, REPOSITORY: self._tree.repository})
        with self._lock:
            self._assert_open()
            self._stand_down()

            def run_in(stack: Stack) -> Run:
                def run(words: list[str], env: dict[str, str]) -> tuple[int, bytes]:
                    answer = Answer()
                    order = Order(words, _DIFF_SECONDS, "/", None, env)
                    prepared = Prepared(order, stack, view, self._limits)
                    ended = prepared.run(order, self._limits.disk, answer.take, self._now_running)
                    return ended.exit_code, bytes(answer.text)

                return run

            return self._tree.index.diff(self._stack, self._home.scratch, run_in, self._home.folder)

    def close(self) -> None:
        """End every process and remove every trace on the host; idempotent."""
        self._closing = True
        if self._running:
            self._running.end()
        with self._lock:
            if not self._closed:
                self._closed = True
                self._stand_down()
                self._home.drop(self._stack)

    @property
    def _disk_left(self) -> int:
        return self._limits.disk - sum(layer.size for layer in self._stack.written)

    def _execute_open(self, order: Order, disk: int, sink: Callable[[bytes], None]) -> Ended:
        if self._prepared is None or not self._prepared.fits(order):
            self._stand_down()
            self._prepared = Prepared(order, self._stack, self._view, self._limits)
        prepared, self._prepared = self._prepared, None
        return prepared.run(order, disk, sink, self._now_running)

    def _prepare_open(self, order: Order) -> None:
        self._stand_down()
        self._prepared = Prepared(order, self._stack, self._view, self._limits)

    def _stand_down(self) -> None:
        """End what was set up for a command that does not come: nothing else may use the layers beside it."""
        prepared, self._prepared = self._prepared, None
        if prepared:
            prepared.drop()

    def _now_running(self, process: Process) -> None:
        self._running = process
        if self._closing:  # while this one was being started
            process.end()
