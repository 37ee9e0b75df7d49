"""The command line. Each verb is a small module; whatever is slow to import is imported when a verb runs."""

from __future__ import annotations

import logging
import os
import signal
import subprocess
import sys
from collections.abc import Sequence
from select import POLLERR, POLLHUP, poll
from typing import NoReturn

from environments.host_python import forget_current_folder, host_python

# Importing litellm must never call out for its price list.
os.environ.setdefault("LITELLM_LOCAL_MODEL_COST_MAP", "True")


def main(arguments: Sequence[str] | None = None) -> None:
    """Run ``runoff``; exits with 0 done, 1 failed tasks, 2 usage, 3 environment missing, 130 interrupted."""
    forget_current_folder()
    given = list(sys.argv[1:] if arguments is None else arguments)
    debug = "--debug" in given
    if debug:  # else warnings alone, by logging's own last resort
        logging.basicConfig(level=logging.DEBUG, format="%(name)s: %(message)s")
    code = run_command([spelled(argument) for argument in given if argument != "--debug"], debug=debug)
    _flush()
    if code == 128 + signal.SIGINT:
        leave_at_once(code)
    sys.exit(code)


def leave_at_once(code: int) -> NoReturn:
    """End without joining threads: one may still wait for a remote model, which cannot be called off.

    A process of its own notices our end by its standard input and removes what our sandboxes leave.
    """
    clean = "import sys; sys.stdin.read(); from swebench_runs.cli.clean import clean; clean()"
    child = host_python("-c", clean)
    subprocess.Popen(
        child.command,
        env=child.environment,
        cwd=child.folder,
        stdin=subprocess.PIPE,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )
    os._exit(code)


def run_command(arguments: Sequence[str], *, debug: bool = False) -> int:
    """Run one command and return its exit code; whatever ends it is told in one line."""
    from swebench_runs.cli.installation import misplaced

    if wrong := misplaced():
        print(f"runoff: {wrong}", file=sys.stderr)
        return 3
    try:
        from swebench_runs.many_tasks.batch.interrupting import noticed

        with noticed():
            from swebench_runs.cli.app import run_app

            return run_app(arguments)
    except KeyboardInterrupt:
        return 128 + signal.SIGINT
    except Exception as error:
        if isinstance(error, BrokenPipeError) and _nobody_reads():
            return 128 + signal.SIGPIPE
        if debug:
            raise
        return _told(error)


def _told(error: Exception) -> int:
    """Tell an error in one line; returns the exit code. What it takes is imported once something has gone wrong."""
    from environments.text import one_line

    try:
        from swebench_runs.cli.failures import line
        from swebench_runs.exit_codes import exit_code
    except ImportError as broken:  # the installation itself: the line must not need what is missing
        print(f"runoff: {one_line(str(broken))}: install Runoff again, in an environment of its own", file=sys.stderr)
        return 3
    print(f"runoff: {one_line(line(error))}", file=sys.stderr)
    return exit_code(error)


def _nobody_reads() -> bool:
    """Tell whether what reads our standard output or error has gone, as ``head`` does."""
    streams = poll()
    for number in (1, 2):
        streams.register(number, 0)
    return any(event & (POLLERR | POLLHUP) for _, event in streams.poll(0))


def _flush() -> None:
    """Write what is buffered; a reader that has gone is no error, and the interpreter's end must not find it either."""
    for stream, number in ((sys.stdout, 1), (sys.stderr, 2)):
        try:
            stream.flush()
        except BrokenPipeError:
            nowhere = os.open(os.devnull, os.O_WRONLY)
            os.dup2(nowhere, number)
            os.close(nowhere)


def spelled(argument: str) -> str:
    """Return an option as it is declared: ``--redo_existing`` is ``--redo-existing``."""
    name, equals, value = argument.partition("=")
    return name.replace("_", "-") + equals + value if name.startswith("--") and len(name) > 2 else argument
