"""What the models of a run cost, as far as anybody knows."""

from __future__ import annotations

import ipaddress
from urllib.parse import urlsplit

from agent.models.local.catalog import is_embedded
from agent.models.model_table import similar_name
from agent.models.prices import FREE, Price, known_price
from swebench_runs.config import RunConfig
from swebench_runs.errors import UsageError


def model_price(config: RunConfig, name: str) -> Price | None:
    """Return what a model's tokens cost; None where nobody has said."""
    if is_embedded(name) and not config.price:
        return FREE
    return known_price(name, config.profile_of(name))


def paid_models(config: RunConfig) -> list[str]:
    """Return the models that cost money, or may: their price is unknown and they are not of this network."""
    return [name for name in config.models if _may_cost(config, name)]


def require_prices(config: RunConfig) -> None:
    """Raise UsageError where there is a money limit, and a model whose price nobody knows."""
    limits = config.limits
    if all(budget.cost is None for budget in (limits.trajectory, limits.task, limits.run)):
        return
    for name in config.models:
        if model_price(config, name) is None:
            similar = similar_name(name)
            raise UsageError(
                f"a money limit is set but nobody knows what {name} costs"
                + (f"; did you mean {similar}? Else" if similar else ":")
                + " give -c price.policy=zero, or "
                "-c price.policy=table with price.input_per_million and price.output_per_million; of a deployment or "
                "an alias a profile's `like: NAME` says which model it is"
            )


def _may_cost(config: RunConfig, name: str) -> bool:
    price = model_price(config, name)
    if price is None:
        places = config.endpoints(name).api_bases
        return not places or not all(_is_near(place) for place in places)
    return price.prompt > 0 or price.completion > 0


def _is_near(address: str) -> bool:
    host = urlsplit(address).hostname or ""
    try:
        return host == "localhost" or ipaddress.ip_address(host).is_private
    except ValueError:
        return False
