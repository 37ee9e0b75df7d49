"""What each model has spent in each of its roles while a run goes on, in one line."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from agent.models.contract import Usage
from environments.text import amount


@dataclass
class Spent:
    """What one model has spent in one role."""

    calls: int = 0
    tokens: int = 0
    cost: float = 0.0
    unpriced: int = 0

    def add(self, usage: Usage, cost: float | None) -> None:
        """Count a call."""
        self.calls += 1
        self.tokens += usage.prompt_tokens + usage.completion_tokens
        self.unpriced += cost is None
        self.cost += cost or 0.0

    @property
    def money(self) -> str:
        """Its dollars; calls whose price nobody knows stay apart."""
        if self.unpriced == self.calls:
            return "price unknown"
        return f"${self.cost:.2f}" + (f" + {amount(self.unpriced, 'call')} of unknown price" if self.unpriced else "")


def by_player(spent: Mapping[tuple[str, str], Spent]) -> str:
    """Return role, model and what they spent, the most expensive first; nothing where there is but one model."""
    if len({model for _, model in spent}) < 2:
        return ""
    rows = sorted(spent.items(), key=lambda row: (-row[1].cost, -row[1].tokens))
    return "spent: " + "; ".join(f"{role} {model} {one.tokens:,} tokens {one.money}" for (role, model), one in rows)
