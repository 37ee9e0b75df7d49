"""How a run of the bot is configured: the repository's word on the work, the grant's on the money."""

from __future__ import annotations

from github_bot.config import PATH, BotConfig
from github_bot.errors import NotConfigured
from swebench_runs.config import RunConfig, load
from swebench_runs.config.loading import flat
from swebench_runs.errors import UsageError

OURS = ("subset", "abstain", "limits", "instances", "split", "repos")
"""Keys that the bot sets itself."""


def run_config(config: BotConfig, budget: float, model: str = "") -> RunConfig:
    """Return a run's configuration; NotConfigured, in one line, for what ``run`` in the file may not say.

    ``budget``: US dollars; ``model``: the workflow's, which the repository's own word goes before.
    """
    for key in flat(config.run):
        if key.split(".")[0] in OURS:
            raise NotConfigured(f"{PATH}: run.{key} is the bot's own to set: use `budget` and `minutes`")
    named = config.model or model
    options = {
        **flat(config.run),
        **({"model": named} if named else {}),
        "subset": "fix",
        "abstain": True,
        "limits.task.cost": budget,
        "limits.task.seconds": config.minutes * 60.0,
    }
    try:
        return load([], options)
    except UsageError as error:
        raise NotConfigured(f"{PATH}: run: {error}") from None
