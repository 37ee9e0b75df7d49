"""The process that ``kill_docker`` kills: sandboxes of both kinds with forks, each busy; answers on standard output."""

from __future__ import annotations

import sys
import threading
from contextlib import ExitStack
from pathlib import Path

from environments.sandboxes.bubblewrap import BubblewrapSandbox
from environments.sandboxes.contract import Sandbox, SandboxError
from environments.sandboxes.docker import DockerSandbox, connect
from environments.sandboxes.docker.unpacked import unpacked

_BUSY = "sleep 600"


def main() -> None:
    """Open so many Docker sandboxes, every second one a fork, and two of bubblewrap; then wait for orders."""
    run_id, image, cache, containers = sys.argv[1:]
    with ExitStack() as stack:
        docker: list[DockerSandbox] = []
        while len(docker) < int(containers):
            sandbox = stack.enter_context(DockerSandbox.create(image, run_id=run_id))
            sandbox.run("echo changed > module.py")
            docker += [sandbox, stack.enter_context(sandbox.fork())]
        docker[0].diff()  # makes a volume
        files = stack.enter_context(unpacked(connect(), image, Path(cache)))
        first = stack.enter_context(
            BubblewrapSandbox.create([files.path], environment=files.environment, run_id=run_id)
        )
        first.run("true")
        second = stack.enter_context(first.fork())
        for sandbox in docker:
            sandbox.run("true")
        for busy in (docker[0], first, second):
            threading.Thread(target=_keep_busy, args=(busy,), daemon=True).start()
        print("open", flush=True)
        for _ in sys.stdin:
            works = all(sandbox.run("true").exit_code == 0 for sandbox in docker[1:])
            print("worked" if works else "failed", flush=True)


def _keep_busy(sandbox: Sandbox) -> None:
    try:
        sandbox.run(_BUSY, timeout=700.0)
    except SandboxError:
        return  # it was closed


if __name__ == "__main__":
    main()
