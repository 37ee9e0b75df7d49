"""The key ``deadlines``: how long each thing may take that could hang, each by a clock of its own."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from swebench_runs.config.key_kinds import Frozen

Seconds = Annotated[float, Field(gt=0)]


class Deadlines(Frozen):
    """Wall seconds. Tests, calls and grading have keys of their own: see docs/batch.md."""

    pull: Seconds = 3600.0
    """One image, all attempts together; waiting for a place among the pulls does not count."""
    start: Seconds = 300.0
    """What a command runs in, set up; it is no part of the command's own time."""
    trajectory: Seconds = 14_400.0
    """One trajectory; it ends with the best patch that it has (``time_limit``)."""
    task: Seconds = 86_400.0
    """One task in one sitting; the next one goes on with it."""
