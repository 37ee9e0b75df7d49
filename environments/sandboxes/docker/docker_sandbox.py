"""``DockerSandbox``: a container per sandbox behind the ``Sandbox`` protocol."""

from __future__ import annotations

import os
import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Self

from environments.sandboxes.command_sandbox import CommandSandbox
from environments.sandboxes.contract import Limits, SandboxError
from environments.sandboxes.docker.belongings import Belongings
from environments.sandboxes.docker.bounds import assert_bounded
from environments.sandboxes.docker.container import Container, Settings, UnstartableError
from environments.sandboxes.docker.disk import Disk
from environments.sandboxes.docker.engine import Engine, connect
from environments.sandboxes.docker.execution import StoppedError, Watch, execute
from environments.sandboxes.docker.family import Family, Image
from environments.sandboxes.docker.services import start_services
from environments.sandboxes.inside import UID
from environments.sandboxes.order import CANNOT_START_CODE, Ended, Order, assert_possible
from environments.sandboxes.tree_diff import REPOSITORY, Answer, tree_diff
from environments.specs.spec import Service

_SCRATCH = "/runoff-scratch"
"""A folder in memory, in the throw-away container where git compares."""
_DIFF_SECONDS = 300.0


class DockerSandbox(CommandSandbox):
    """A container, its files frozen into an image whenever it is forked.

    A command comes in by the engine's exec, whose exit code is the kernel's word and not the command's; what it leaves
    running is ended before ``run`` returns.
    """

    def __init__(self, family: Family, image: Image, inherited: int) -> None:
        """Use ``create``."""
        super().__init__(family.settings.limits)
        self._belongings = Belongings()
        self._family = family.join()
        self._belongings.add(family.leave)
        self._origin = image.share()
        self._belongings.add(image.release)
        self._frozen: Image | None = None
        self._belongings.add(self._thaw)
        self._container = Container(family.engine, image.id, family.settings)
        self._belongings.add(self._container.remove)
        self._disk = Disk(self._container)
        self._inherited = inherited
        self._changed = False
        self._wake = os.eventfd(0, os.EFD_CLOEXEC | os.EFD_NONBLOCK)
        self._wake_guard = threading.Lock()

    @classmethod
    def create(
        cls,
        image: str,
        *,
        environment: Mapping[str, str] | None = None,
        limits: Limits | None = None,
        run_id: str = "unnamed",
        head: str | None = None,
        user: str | None = f"{UID}:{UID}",
        network: str = "none",
        runtime: str | None = None,
        cpus: float | None = None,
        services: Sequence[Service] = (),
        engine: Engine | None = None,
    ) -> Self:
        """Make a sandbox from an image that the engine has, with the task's repository at ``/testbed``.

        Args:
            image: its name or id; it must hold bash, and git for ``diff``.
            environment: variables beside the fixed ones and the image's own.
            limits: ceilings; the memory and processes of all that runs in the container.
            run_id: labels the container, and what is made for it.
            head: the tree's one commit, for ``diff``; by default HEAD of the image's repository.
            user: who runs the commands, ``uid:gid``; None: the image's own user, for images whose files are root's.
            network: a network of the engine's, when the task asks for one.
            runtime: the engine's ``--runtime``; None: its default.
            cpus: cores at most; None: all.
            services: servers that its tests talk to; they start as root whenever the container does.
            engine: where; by default the one that ``connect`` finds.

        Raises:
            SandboxError: no engine answers, it holds no limits, it lacks the image, or the image cannot run; the line
                says what to do.
        """
        settings = Settings(
            limits or Limits(), run_id, user or "", environment or {}, network, runtime, cpus, tuple(services)
        )
        if services and (user is None or user.partition(":")[0] in ("0", "root")):
            raise SandboxError("a sandbox with services needs a user that is not root, who could end them")
        family = Family(engine or connect(), image, settings, head)
        sandbox = cls(family, family.image, inherited=0)
        try:
            sandbox._start()
            assert_bounded(sandbox._container)
        except UnstartableError as error:
            sandbox.close()
            raise SandboxError(f"no sandbox can be made of the image {image}: it needs /bin/bash ({error})") from error
        except BaseException:
            sandbox.close()
            raise
        return sandbox

    def fork(self) -> Self:
        """Return a new sandbox that starts from this one's file state; see ``Sandbox.fork``."""
        with self._lock:
            self._assert_open()
            copy = type(self)(self._family, self._freeze(), self._inherited + self._disk.use_at_rest())
            copy._full, copy._meter = self._full, self._meter
            return copy

    def diff(self) -> str:
        """Return the tree's unified diff against its one commit; see ``Sandbox.diff``."""
        with self._lock:
            self._assert_open()
            limits = self._limits
            roomy = limits.model_copy(update={"memory": limits.memory + limits.disk})
            settings = replace(self._family.settings, limits=roomy, services=())
            mounts = {REPOSITORY: self._family.repository(), _SCRATCH: ""}
            scratch = Container(self._family.engine, self._freeze().id, settings, mounts)
            try:
                return self._compare(scratch)
            finally:
                scratch.remove()

    def _compare(self, scratch: Container) -> str:
        watch_disk = Disk(scratch)

        def run(words: list[str], env: dict[str, str]) -> tuple[int, bytes]:
            answer = Answer()
            watch = Watch(scratch, watch_disk, self._limits.disk, self._wake)
            ended = execute(Order(words, _DIFF_SECONDS, "/", None, env), scratch, watch, answer.take)
            return ended.exit_code, bytes(answer.text)

        try:
            scratch.start()
        except UnstartableError as error:
            raise SandboxError(f"the sandbox's own files keep git from comparing them: {error}") from error
        return tree_diff(run, self._family.head, scratch=f"{_SCRATCH}/")

    def close(self) -> None:
        """End every process and remove every trace on the engine; idempotent."""
        self._closing = True
        with self._wake_guard:
            if self._wake >= 0:
                os.eventfd_write(self._wake, 1)
        with self._lock:
            if self._closed:
                return
            self._closed = True
            with self._wake_guard:
                os.close(self._wake)
                self._wake = -1
            self._belongings.close()

    def _freeze(self) -> Image:
        """Return an image of the files as they are now; of what nothing ran in since, the one that there is."""
        if self._changed:
            frozen = Image(self._family.engine, self._container.freeze(), below=self._origin)
            self._thaw()
            self._frozen = frozen
            self._changed = False
        return self._frozen or self._origin

    def _thaw(self) -> None:
        if self._frozen:
            self._frozen.release()
            self._frozen = None

    def _start(self) -> None:
        if self._container.start():
            start_services(self._container, self._family.settings.services)

    @property
    def _disk_left(self) -> int:
        return self._limits.disk - self._inherited

    def _prepare_open(self, order: Order) -> None:
        """Do nothing: a command starts in the container, which stands."""

    def _execute_open(self, order: Order, disk: int, sink: Callable[[bytes], None]) -> Ended:
        assert_possible(order.words, {**self._family.settings.variables, **order.env})
        self._changed = True
        try:
            self._start()
            watch = Watch(self._container, self._disk, disk, self._wake)
            try:
                return execute(order, self._container, watch, sink)
            except StoppedError:
                self._start()
                return execute(order, self._container, watch, sink)
        except UnstartableError as error:
            # Earlier commands may have taken the shell, or the way to it; the files are still there to be read.
            sink(f"runoff: {error}\n".encode(errors="replace"))
            return Ended(CANNOT_START_CODE, None, 0.0)
