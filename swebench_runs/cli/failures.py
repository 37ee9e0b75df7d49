"""How an exception that ends a command is told in one line; its exit code is in ``swebench_runs/exit_codes.py``."""

from __future__ import annotations

from environments.errors import Foreseen

FORESEEN = (Foreseen, OSError)
"""The errors whose message says what to do."""


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
