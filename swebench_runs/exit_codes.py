"""The exit code of each exception that may end a command, or a task that is all that a command is for."""

from __future__ import annotations

from agent.models.contract import ModelError, ModelUnusable
from environments.errors import DataError, RepositoryError
from environments.sandboxes.contract import SandboxError
from swebench_runs.errors import Exit, RunoffError

EXITS: tuple[tuple[type[Exception], Exit], ...] = (
    (ModelUnusable, Exit.USAGE),
    (ModelError, Exit.ENVIRONMENT),
    (SandboxError, Exit.ENVIRONMENT),
    (RepositoryError, Exit.FAILED_TASKS),
    (DataError, Exit.USAGE),
    (ImportError, Exit.ENVIRONMENT),
)
"""What a command ends with that one of them ends; a user's own errors say it themselves. docs/errors.md tells it."""


def exit_code(error: BaseException) -> int:
    """Return what the process ends with."""
    if isinstance(error, RunoffError):
        return error.exit_code
    return next((code for kind, code in EXITS if isinstance(error, kind)), Exit.FAILED_TASKS)
