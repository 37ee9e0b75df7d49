"""The kinds of sandbox that are measured side by side, each able to open many and take them through the phases."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager

from environments.sandboxes.bubblewrap import BubblewrapSandbox, host_root
from environments.sandboxes.contract import Sandbox, SandboxError
from environments.sandboxes.docker import DockerSandbox, connect
from environments.sandboxes.docker.unpacked import unpacked
from swebench_runs.bench.sandboxes.mini_environment import MiniDriver
from swebench_runs.bench.sandboxes.phases import Subject, Times, time_together
from swebench_runs.errors import EnvironmentMissing

RUN_ID = "bench"
BUBBLEWRAP, UNPACKED, DOCKER, MINI = "bubblewrap", "bubblewrap_unpacked", "docker", "mini_swe_agent_docker"
KINDS = (BUBBLEWRAP, UNPACKED, DOCKER, MINI)

TimeTogether = Callable[[int, int], Times]
"""``sandbox_phases.time_together`` of one kind: count, round trips -> times."""

_log = logging.getLogger(__name__)


class Ours:
    """A ``Sandbox`` as a subject."""

    def __init__(self, sandbox: Sandbox) -> None:
        """Take it over."""
        self._sandbox = sandbox

    def command(self) -> None:
        """Run ``true`` as a line of bash."""
        result = self._sandbox.run("true", cwd="/")
        if result.exit_code != 0:
            raise SandboxError(f"a sandbox could not run a command: {result.text.strip()}")

    def fork(self) -> Subject:
        """Fork it."""
        return Ours(self._sandbox.fork())

    def remove(self) -> None:
        """Close it."""
        self._sandbox.close()


@contextmanager
def opened_kinds(image: str, *, with_mini: bool) -> Iterator[tuple[dict[str, TimeTogether], dict[str, str]]]:
    """Give the kinds that can be measured here, and the reasons for those that cannot.

    Args:
        image: one that the engine has, with bash; the three kinds that need an image all use it.
        with_mini: measure mini-swe-agent's environment too, which is installed the first time.
    """
    ways: dict[str, TimeTogether] = {}
    left_out: dict[str, str] = {}
    with ExitStack() as stack:
        root = host_root()
        ways[BUBBLEWRAP] = _ours(lambda: BubblewrapSandbox.create([], root=root, run_id=RUN_ID))
        try:
            engine = connect()
            files = stack.enter_context(unpacked(engine, image))
            ways[UNPACKED] = _ours(
                lambda: BubblewrapSandbox.create([files.path], environment=files.environment, run_id=RUN_ID)
            )
            ways[DOCKER] = _ours(lambda: DockerSandbox.create(image, engine=engine, run_id=RUN_ID))
            if with_mini:
                ways[MINI] = stack.enter_context(MiniDriver(image)).time_together
            else:
                left_out[MINI] = "not asked for"
        except (SandboxError, EnvironmentMissing) as error:
            left_out |= {kind: str(error) for kind in KINDS if kind not in ways}
        for kind, why in left_out.items():
            _log.warning("%s is left out: %s", kind, why)
        yield ways, left_out


def _ours(create: Callable[[], Sandbox]) -> TimeTogether:
    return lambda count, trips: time_together(lambda: Ours(create()), count, trips)
