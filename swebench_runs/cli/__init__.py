"""The command line. Each verb is a small module; whatever is slow to import is imported when a verb runs."""

from __future__ import annotations

import logging
import os
import signal
import subprocess
import sys
from collections.abc import Sequence
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
    sys.stdout.flush()
    sys.stderr.flush()
    if code == 128 + signal.SIGINT:
        _leave_at_once(code)
    sys.exit(code)


def _leave_at_once(code: int) -> NoReturn:
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
    """Run one command and return its exit code; a foreseen error is told in one line."""
    from swebench_runs.cli.app import run_app

    try:
        return run_app(arguments)
    except KeyboardInterrupt:
        return 128 + signal.SIGINT
    except _foreseen() as error:
        if debug:
            raise
        print(f"runoff: {' '.join(str(error).split())}", file=sys.stderr)
        return _exit_code(error)


def _foreseen() -> tuple[type[Exception], ...]:
    """Return the errors that are told in one line; asked for only once something has gone wrong."""
    from swebench_runs.cli.failures import FORESEEN

    return FORESEEN


def _exit_code(error: Exception) -> int:
    from swebench_runs.cli.failures import exit_code

    return exit_code(error)


def spelled(argument: str) -> str:
    """Return an option as it is declared: ``--redo_existing`` is ``--redo-existing``."""
    name, equals, value = argument.partition("=")
    return name.replace("_", "-") + equals + value if name.startswith("--") and len(name) > 2 else argument
