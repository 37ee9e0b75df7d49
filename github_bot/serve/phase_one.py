"""``python -m github_bot.serve.phase_one ...``: the command ``runoff``, which ends with the server that started it.

However the server ends, its end of our standard input closes. Two that work on one issue would pay twice.
"""

from __future__ import annotations

import os
import signal
import threading


def main() -> None:
    """Run ``runoff`` with the arguments of this process, which must lead a process group of its own."""
    held, nothing = os.dup(0), os.open(os.devnull, os.O_RDONLY)
    os.dup2(nothing, 0)
    threading.Thread(target=_end_with_server, args=(held,), name="server-watch", daemon=True).start()
    from swebench_runs.cli import main as runoff

    runoff()


def _end_with_server(held: int) -> None:
    while os.read(held, 1):
        continue
    os.killpg(os.getpgid(0), signal.SIGKILL)


if __name__ == "__main__":
    main()
