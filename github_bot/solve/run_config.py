"""How a run of the bot is configured: the repository's word on the work, the grant's on the money."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from math import inf
from typing import Any

from github_bot.config import PATH, BotConfig
from github_bot.errors import NotConfigured
from github_bot.operator import Operator
from swebench_runs.config import RunConfig, load
from swebench_runs.config.loading import flat
from swebench_runs.errors import UsageError

OURS = ("subset", "abstain", "limits", "instances", "split", "repos")
"""Keys that the bot sets itself."""


@dataclass(frozen=True)
class Word:
    """What whoever runs the bot by hand says of the run, as ``runoff fix`` takes it; the repository's comes after."""

    sources: Sequence[str] = ()
    """Files, built-in names, ``a.b.c=value``."""
    options: Mapping[str, Any] = field(default_factory=dict)
    """Dotted keys; they go before the sources."""


UNSAID = Word()


def run_config(
    config: BotConfig,
    budget: float,
    model: str = "",
    word: Word = UNSAID,
    *,
    later: bool = False,
    operator: Operator | None = None,
) -> RunConfig:
    """Return a run's configuration; NotConfigured, in one line, for what ``run`` in the file may not say.

    Args:
        config: the repository's.
        budget: US dollars.
        model: the workflow's, which the repository's own word goes before.
        word: goes before both; of money and time it can only take away.
        later: a further round on the bot's own pull request, whose branch does what the issue's example asks already:
            that is no reason to stop there.
        operator: of the server, whose keys a stranger's repository uses; None: the keys are the repository's own.
    """
    if operator is not None:
        operator.check(config)
        word = Word((*operator.config, *word.sources), word.options)
    for key in flat(config.run):
        if key.split(".")[0] in OURS:
            raise NotConfigured(f"{PATH}: run.{key} is the bot's own to set: use `budget` and `minutes`")
    named = config.model or model
    repositorys = {**flat(config.run), **({"model": named} if named else {})}
    try:
        load([], repositorys)
    except UsageError as error:
        raise NotConfigured(f"{PATH}: run: {error}") from None
    less = load(word.sources, word.options).limits.task
    ours = {
        "subset": "fix",
        "abstain": True,
        **({"force": True} if later else {}),
        "limits.task.cost": min(budget, less.cost or inf),
        "limits.task.seconds": min(config.minutes * 60.0, less.seconds or inf),
    }
    return load(word.sources, {**word.options, **ours}, below=repositorys)
