"""A call that came to nothing: the error that it ends in, and what was paid on the way to it."""

from __future__ import annotations

from collections.abc import Sequence

from agent.models.contract import ModelError, UnusableAnswer, Usage
from agent.models.failures.failure_words import reason_of
from agent.models.failures.refusals import explain
from agent.models.failures.retrying import is_transient, retry_after
from agent.models.prices import Price


def given_up(error: Exception, model: str, where: str, *, spoiled: bool) -> ModelError:
    """Return the typed error for what a call ended in.

    ``where``: the endpoint's addresses, for the line; ``spoiled``: it fails at this request alone.
    """
    if spoiled:
        return UnusableAnswer(f"{model}: the endpoint fails at this request, and answers others: {reason_of(error)}")
    transient = is_transient(error)
    wait = retry_after(error) if transient else None
    return explain(error, model, transient=transient, api_base=where or None, wait=wait)


def with_paid(error: ModelError, wasted: Sequence[Usage], price: Price | None) -> ModelError:
    """Return an error that tells what was paid on the way to it: nothing paid is lost."""
    if wasted:
        error.paid = sum(wasted, Usage())
        error.paid_cost = cost_of(wasted, price)
    return error


def cost_of(calls: Sequence[Usage], price: Price | None) -> float | None:
    """Return the dollars of several calls, each at the price of its own prompt's length; None where nobody knows."""
    return None if price is None else sum(price.of(usage) for usage in calls)
