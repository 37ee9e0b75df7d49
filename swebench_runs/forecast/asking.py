"""Whether a run that may cost money and has no limit is meant so: asked once, where there is somebody to ask."""

from __future__ import annotations

from collections.abc import Callable

from swebench_runs.config import RunConfig
from swebench_runs.errors import UsageError
from swebench_runs.many_tasks.models.model_prices import paid_models

LIMIT = "--cost-limit DOLLARS limits a task, -c limits.run.cost=DOLLARS the run; --dry-run says what it may cost"


def consent(config: RunConfig, *, yes: bool, ask: Callable[[str], bool] | None) -> str:
    """Return a line to be shown where a run on paid models goes on without a limit; empty where there is no need.

    ``ask``: puts a question to whoever sits at the terminal; None where nobody does: then the run goes on. Raises
    UsageError where the answer is no.
    """
    limits = config.limits
    if yes or any(one.cost or one.tokens for one in (limits.trajectory, limits.task, limits.run)):
        return ""
    paid = paid_models(config)
    if not paid:
        return ""
    said = f"{' and '.join(paid)} may cost money, and no limit of cost or tokens is set"
    if ask is None:
        return f"{said}: {LIMIT}"
    if not ask(f"{said}. Go on?"):
        raise UsageError(f"nothing was started: {LIMIT}, --yes goes on without asking")
    return ""
