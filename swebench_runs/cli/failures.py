"""Which exceptions end a command with one line, and the exit code of each."""

from __future__ import annotations

from agent.models.contract import ModelError, ModelUnusable
from agent.trajectory.journal import JournalMismatch
from environments.sandboxes.contract import SandboxError
from swebench_runs.errors import Exit, RunoffError

FORESEEN = (RunoffError, SandboxError, ModelError, JournalMismatch, OSError)
"""The errors whose message says what to do."""


def exit_code(error: BaseException) -> int:
    """Return what the process ends with."""
    if isinstance(error, RunoffError):
        return error.exit_code
    if isinstance(error, JournalMismatch | ModelUnusable):
        return Exit.USAGE
    return Exit.ENVIRONMENT if isinstance(error, SandboxError | ModelError) else Exit.FAILED_TASKS
