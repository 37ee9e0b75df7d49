"""The bases of all errors whose message a user is shown: one for each boundary at which things fail.

    model       agent.models.contract.ModelError
    sandbox     environments.sandboxes.contract.SandboxError
    repository  RepositoryError
    data        DataError
    user        swebench_runs.errors.RunoffError

docs/errors.md says when each is raised and what a command then ends with. An exception that is none of them, nor an
OSError, is either caught close to where it is raised or a bug.
"""

from __future__ import annotations


class Foreseen(Exception):
    """Something outside of Runoff failed. Its message is one clear line that says what to do."""


class RepositoryError(Foreseen):
    """A repository, or something in it, cannot be had or is not what it must be."""


class DataError(Foreseen):
    """What was read is not what it should be: a record, a row, a recipe, a patch, a source distribution."""
