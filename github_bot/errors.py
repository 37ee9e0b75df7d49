"""What can go wrong in the bot, each told in one line."""

from __future__ import annotations

from swebench_runs.errors import Exit, RunoffError


class ArtifactError(RunoffError):
    """An artifact is not what phase two takes. Nothing of it is published."""


class NotConfigured(RunoffError):
    """``.github/runoff.yml`` or the installation is wrong."""

    exit_code = Exit.USAGE


class GitHubError(RunoffError):
    """GitHub refused or cannot be reached."""


class Unanswered(GitHubError):
    """GitHub did not answer, or by an error of its own: what was asked may have been done, or not."""


class Refused(RunoffError):
    """The bot does not do what it was asked: the message says why, and what would make it."""
