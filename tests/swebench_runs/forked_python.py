"""Python programs as processes of their own, forked off one that has imported Runoff and litellm: seconds less each.

Run as a program this is the one that forks: it reads requests, one JSON object a line, and answers each with the
exit code of the process it made.
"""

import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import NoReturn


class ForkedPython:
    """Forks a process for each program; one at a time. It ends with whoever made it."""

    def __init__(self) -> None:
        self._forking = subprocess.Popen(
            [sys.executable, str(Path(__file__))], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )

    def run(
        self, code: str, arguments: Sequence[str], *, cwd: Path, env: Mapping[str, str]
    ) -> subprocess.CompletedProcess[str]:
        """Run code with arguments as ``python -c`` does, nothing on its standard input; like ``subprocess.run``."""
        with tempfile.TemporaryDirectory() as folder:
            output, errors = Path(folder) / "output", Path(folder) / "errors"
            asked = {"code": code, "arguments": [str(argument) for argument in arguments], "cwd": str(cwd)}
            asked |= {"env": dict(env), "output": str(output), "errors": str(errors)}
            print(json.dumps(asked), file=self._forking.stdin, flush=True)
            exit_code = int(self._forking.stdout.readline())
            return subprocess.CompletedProcess(arguments, exit_code, output.read_text(), errors.read_text())

    def close(self) -> None:
        """End the process that forks."""
        self._forking.communicate(timeout=60)


def main() -> None:
    """Import what is slow to import, then fork a process for each request."""
    import swebench_runs.cli.app
    import swebench_runs.cli.fix  # noqa: F401
    from agent.models.litellm_import import litellm

    litellm()
    for line in sys.stdin:
        child = os.fork()
        if not child:
            _become(json.loads(line))
        print(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]), flush=True)


def _become(asked: Mapping[str, object]) -> NoReturn:
    """Be the process that was asked for, to its end."""
    for number, path in ((0, os.devnull), (1, asked["output"]), (2, asked["errors"])):
        opened = os.open(path, os.O_RDWR | os.O_CREAT | os.O_TRUNC if number else os.O_RDONLY, 0o600)
        os.dup2(opened, number)
        os.close(opened)
    os.setsid()
    os.chdir(asked["cwd"])
    os.environ.clear()
    os.environ.update(asked["env"])
    sys.argv = ["-c", *asked["arguments"]]
    exec(asked["code"], {"__name__": "__main__"})
    sys.exit()


if __name__ == "__main__":
    main()
