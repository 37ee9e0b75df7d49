"""Errors that a user can do something about, and the exit codes of the command line."""

from __future__ import annotations

from enum import IntEnum

from environments.errors import Foreseen


class Exit(IntEnum):
    """What the process ends with."""

    DONE = 0
    FAILED_TASKS = 1
    USAGE = 2
    ENVIRONMENT = 3
    INTERRUPTED = 130


class RunoffError(Foreseen):
    """Ends a command with one clear line that says what to do, and no traceback."""

    exit_code = Exit.FAILED_TASKS


class UsageError(RunoffError):
    """The command or its configuration is wrong."""

    exit_code = Exit.USAGE


class EnvironmentMissing(RunoffError):
    """This machine lacks something that the command needs."""

    exit_code = Exit.ENVIRONMENT
