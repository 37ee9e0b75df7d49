"""A model that spends from a budget."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from math import inf

from agent.models.contract import Completion, Message, Model, ModelError, Request
from agent.models.prices import Price
from agent.trajectory.budget import BudgetExceeded, Ceilings, FixedCeilings, Ledger, UnknownPrice

__all__ = ["BudgetExceeded", "BudgetedModel", "Ceilings", "FixedCeilings", "Ledger", "UnknownPrice"]

DEADLINE_SLACK = 1.0
"""Seconds before the deadline from which a failed call counts as given up at it."""


class BudgetedModel:
    """A model that spends from a ledger: reserves before each call, settles after. Safe under many threads.

    It shortens answers to what is left, with a note, down to `agent.trajectory.budget.ANSWER_FLOOR` tokens.
    """

    def __init__(self, model: Model, ledger: Ledger) -> None:
        self.name = model.name
        self._model = model
        self._ledger = ledger
        self._price: Price | None = getattr(model, "price", None)

    def complete(self, request: Request) -> Completion:
        """Ask as `Model.complete` does; raises BudgetExceeded, or UnknownPrice (a usage error), before any call.

        A call that is on its way at the deadline is given up then: BudgetExceeded as well.
        """
        counted = self._ledger.limited("tokens", "cost")
        prompt_tokens = request.prompt_tokens or 0
        if counted and not prompt_tokens:
            prompt_tokens = self._model.count_tokens(request.messages)
        with self._ledger.reserve(prompt_tokens, request.max_tokens, request.n, self._price) as reservation:
            completion = self._before_deadline(replace(request, max_tokens=reservation.max_tokens))
            reservation.settle(completion.usage, completion.cost)
        if reservation.max_tokens == request.max_tokens:
            return completion
        note = f"max_tokens lowered to {reservation.max_tokens} by the budget"
        return completion.model_copy(update={"notes": (*completion.notes, note)})

    def _before_deadline(self, request: Request) -> Completion:
        left = self._ledger.seconds_left(call=True)
        timeouts = [seconds for seconds in (request.timeout, left) if seconds is not None and seconds != inf]
        try:
            return self._model.complete(replace(request, timeout=min(timeouts, default=None)))
        except ModelError as error:
            if type(error) is not ModelError or self._ledger.seconds_left(call=True) > DEADLINE_SLACK:
                raise  # a refusal is one at the deadline too
            raise BudgetExceeded("seconds", "the call was given up at the deadline") from error

    def count_tokens(self, messages: Sequence[Message]) -> int:
        """Count as the model does."""
        return self._model.count_tokens(messages)
