"""The chat that formats share: one opening for all answers about a place, so that it is read once."""

from __future__ import annotations

from agent.context.packing import definition
from agent.models.contract import Message
from agent.prompts import render
from agent.scaffolds.sampling.answer import Setting
from agent.scaffolds.sampling.place import Place


def opening(setting: Setting, place: Place, form: str, part: str | None = None) -> list[Message]:
    """Return the messages that ask for a place's correction.

    ``form``: how to write it, last; ``part``: the lines of it that are shown.
    """
    symbol = place.symbol if part is None else place.symbol.model_copy(update={"source": part})
    request = render(
        "sampling/request", code=definition(symbol), issue=setting.issue, failure=setting.failure, form=form
    )
    return [
        Message(role="system", content=render("sampling/system")),
        Message(role="user", content=request),
    ]
