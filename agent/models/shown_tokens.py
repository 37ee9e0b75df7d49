"""How much of a repository a model is shown: tokens, or a share of its window."""

from __future__ import annotations

from typing import Annotated

from pydantic import AfterValidator, Field

USUAL_SHARE = 0.25
"""Of its window what a model is shown that nobody has set this of."""
MOST_UNASKED = 32_000
"""Tokens above which that share does not go: every call pays for them, however large the window is."""
MOST_WITH_TOOLS = 16_000
"""The same for a model that works with tools: it looks for the rest itself, and asks many times with this before each.
70% of all lines to be changed are in 16,000 tokens, 77% in 32,000 (140 rows of Lite, docs/models.md)."""
UNKNOWN_WINDOW = 64_000
"""The window that a share is taken of where nobody has said how large it is."""


def _tokens_or_share(value: float) -> float:
    if value < 1:
        return float(value)
    if value != int(value):
        raise ValueError(f"{value} is neither a number of tokens nor a share of the window (below 1)")
    return int(value)


Shown = Annotated[int | float, Field(gt=0, allow_inf_nan=False), AfterValidator(_tokens_or_share)]
"""Tokens, or a share of the window."""


def tokens_of(shown: float, window: int | None) -> int:
    """Return it in tokens; ``window``: the model's, None where nobody knows."""
    return int(shown) if shown >= 1 else max(1, int((window or UNKNOWN_WINDOW) * shown))
