"""What the operator of a server says to repositories that are not theirs: whose keys and money these are."""

from __future__ import annotations

import os
from typing import Any

from pydantic import ValidationError

from github_bot.config import PATH, BotConfig, Money
from github_bot.errors import NotConfigured
from swebench_runs.config.key_kinds import Frozen
from swebench_runs.config.loading import flat

VARIABLE = "RUNOFF_BOT_OPERATOR"
"""By which the server tells its first phase; not by an argument, which everybody on the machine may read."""
REPOSITORYS = frozenset(
    {
        *("scaffold", "trajectories", "tests", "turns", "test_scaffold", "test_turns", "runoff_turns", "temperatures"),
        *("context_tokens", "locate", "locate_files", "locate_rankings", "answer_tokens", "reasoning_effort"),
        *("judge", "early_stop", "rule", "rules", "seed", "suite_timeout", "suite_budget", "script_timeout"),
    }
)
"""Keys of ``run`` that say how to work, and nothing of where keys go, what a call costs or what the machine does."""


class Operator(Frozen):
    """The ceilings of a server and its own word on a run."""

    budget: Money = Money()
    """No repository spends more."""
    minutes: int = 60
    """No run lasts longer."""
    models: tuple[str, ...] = ()
    """Those that a repository may name; empty: any by its name."""
    config: tuple[str, ...] = ()
    """Files, built-in names and ``a.b.c=value``, which go before the repository's word."""

    def held(self, config: BotConfig) -> BotConfig:
        """Return a repository's configuration with its budgets and minutes under the ceilings."""
        most = self.budget.model_dump()
        budget = Money(**{name: min(asked, most[name]) for name, asked in config.budget.model_dump().items()})
        return config.model_copy(update={"budget": budget, "minutes": min(config.minutes, self.minutes)})

    def check(self, config: BotConfig) -> None:
        """Raise NotConfigured, in one line, where a repository decides what is the operator's to decide."""
        for key in flat(config.run):
            if key.split(".")[0] not in REPOSITORYS:
                raise NotConfigured(f"{PATH}: run.{key} is for the operator of this server to set: take it out")
        if self.models and config.model not in ("", *self.models):
            known = ", ".join(self.models)
            raise NotConfigured(f"{PATH}: model {config.model!r} is none that this server offers: {known}")
        if "://" in config.model:  # some vendors' names may be addresses
            raise NotConfigured(f"{PATH}: model {config.model!r} is an address: name a model")


def operator_said() -> Operator | None:
    """Return what the server that started this process says; None where no server did."""
    said = os.environ.get(VARIABLE)
    try:
        return None if said is None else Operator.model_validate_json(said)
    except ValidationError:
        raise NotConfigured(f"{VARIABLE} is not as `runoff bot serve` writes it: unset it") from None


def operators(values: dict[str, Any]) -> Operator:
    """Return the operator of a command's values; NotConfigured, that names the option, where one may not be."""
    try:
        return Operator.model_validate(values)
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        raise NotConfigured(f"--most-{str(first['loc'][-1]).replace('_', '-')}: {first['msg']}") from None
