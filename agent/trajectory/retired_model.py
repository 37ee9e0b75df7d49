"""A model that is asked no more: what a trajectory made with it stands, and it ends where its record does."""

from __future__ import annotations

from collections.abc import Sequence

from agent.models.contract import Completion, Message, Request
from agent.models.prices import FREE, Price
from agent.trajectory.session import Stopped


class RetiredModel:
    """Stands for the model of a trajectory that was begun when the run had it."""

    price: Price = FREE

    def __init__(self, name: str) -> None:
        self.name = name

    def complete(self, request: Request) -> Completion:
        """End the trajectory: another model must not go on with its dialogue."""
        raise Stopped(f"the run no longer asks {self.name}, which it was begun with: what it had made stands")

    def count_tokens(self, messages: Sequence[Message]) -> int:
        """Nothing is sent."""
        return 0
