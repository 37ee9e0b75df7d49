"""``python -m github_bot.serve.phase_one ...``: the command ``runoff``, which ends with the server that started it.

However the server ends, its end of our standard input closes. Two that work on one issue would pay twice. What it
writes there are tokens, each a line, that come in the place of the one that this process was given.
"""

from __future__ import annotations

import os
import signal
import threading


def main() -> None:
    """Run ``runoff`` with the arguments of this process, which must lead a process group of its own."""
    follow_server()
    from swebench_runs.cli import main as runoff

    runoff()


def follow_server() -> None:
    """Take tokens from the server that holds our standard input, and end with it; nothing else may read it then."""
    held, nothing = os.dup(0), os.open(os.devnull, os.O_RDONLY)
    os.dup2(nothing, 0)
    threading.Thread(target=_follow, args=(held,), name="server-watch", daemon=True).start()


def _follow(held: int) -> None:
    begun = b""
    while said := os.read(held, 4096):
        *tokens, begun = (begun + said).split(b"\n")
        for token in tokens:
            os.environ["GITHUB_TOKEN"] = token.decode("ascii")
    os.killpg(os.getpgid(0), signal.SIGKILL)


if __name__ == "__main__":
    main()
