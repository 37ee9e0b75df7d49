"""How an exception that ends a command is told in one line, and the exit code of each."""

from __future__ import annotations

from agent.models.contract import ModelError, ModelUnusable
from environments.errors import DataError, Foreseen, RepositoryError
from environments.sandboxes.contract import SandboxError
from swebench_runs.errors import Exit, RunoffError

FORESEEN = (Foreseen, OSError)
"""The errors whose message says what to do."""
EXITS: tuple[tuple[type[Exception], Exit], ...] = (
    (ModelUnusable, Exit.USAGE),
    (ModelError, Exit.ENVIRONMENT),
    (SandboxError, Exit.ENVIRONMENT),
    (RepositoryError, Exit.FAILED_TASKS),
    (DataError, Exit.USAGE),
    (ImportError, Exit.ENVIRONMENT),
)
"""What a command ends with that one of them ends; a user's own errors say it themselves. docs/errors.md tells it."""


def line(error: Exception) -> str:
    """Return what a user is told: the message of an error that was foreseen, and of any other that it is our fault."""
    if isinstance(error, UnicodeEncodeError):
        return f"text that this terminal or file cannot hold ({error.reason}): set PYTHONUTF8=1 and try again"
    if isinstance(error, MemoryError):
        return "there is not enough memory: close other programs, or lower --workers"
    if isinstance(error, ImportError):
        return f"{error}: install Runoff again, in an environment of its own (`runoff doctor` looks for collisions)"
    if isinstance(error, RuntimeError) and "home directory" in str(error):
        return "the home folder of this user is not known: set HOME to a folder that can be written to"
    if isinstance(error, RuntimeError) and "start new thread" in str(error):
        return "no more processes can be started here: raise `ulimit -u`, or lower --workers"
    if isinstance(error, FORESEEN):
        return str(error)
    return (
        f"this is a bug in Runoff: {type(error).__name__}: {error} "
        "(the same command with --debug shows where; please report it)"
    )


def exit_code(error: BaseException) -> int:
    """Return what the process ends with."""
    if isinstance(error, RunoffError):
        return error.exit_code
    return next((code for kind, code in EXITS if isinstance(error, kind)), Exit.FAILED_TASKS)
