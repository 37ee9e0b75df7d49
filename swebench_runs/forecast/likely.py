"""What a trajectory probably takes, by an assumption in words: the one that the built-in configurations' costs rest on.

No run with a strong model has been measured. Where past runs of the user's own say what tasks took, they are asked.
"""

from __future__ import annotations

from dataclasses import dataclass

from agent.models.contract import Usage
from agent.models.prices import Price
from agent.models.profiles import ModelProfile
from swebench_runs.forecast.most import Most, Way


@dataclass(frozen=True)
class Pace:
    """How a trajectory goes on, in tokens."""

    answers: int
    start: int
    """Of the first prompt, beside the issue and what is shown of the repository."""
    written: int
    """Of each answer."""
    back: int
    """That come back for it: outputs, what a test did; 0: each prompt is one of its own."""
    said: str
    shows: bool = True
    """The first prompt holds what the model is shown of the repository, whole."""


_TOOLS = Pace(60, 4000, 300, 900, "60 to edit with tools")
_TOOLS_BESIDE = Pace(30, 4000, 300, 900, "30 to write a test or hold the run-off with tools")
_SAMPLES = Pace(60, 1000, 50, 0, "60 short samples", shows=False)
_TALK = Pace(3, 2000, 1500, 1500, "3 in a dialogue")
_QUESTION = Pace(10**9, 2000, 200, 0, "one for each question of a judge or about places")


def pace_of(way: Way, *, edits: bool, samples: bool) -> Pace:
    """Return how a trajectory is assumed to go on; ``samples``: it asks for lines and single functions."""
    if samples:
        return _SAMPLES
    if way == "tools":
        return _TOOLS if edits else _TOOLS_BESIDE
    return _TALK if way == "talk" else _QUESTION


def likely_of(profile: ModelProfile, price: Price | None, turns: int, pace: Pace, *, issue: int) -> Most:
    """Return what a trajectory probably takes; ``issue``: tokens of its issue and what it is shown.

    What all prompts share is read from the vendor's cache, where its price is known.
    """
    start, step = pace.start + issue, pace.written + pace.back
    window, tokens, cost = profile.context_tokens or 10**9, 0, 0.0
    for answer in range(min(turns, pace.answers)):
        new, grown = (step if answer else start, answer * step) if pace.back else (start, 0)
        prompt = max(0, min(start + grown, window - pace.written))
        tokens += prompt + pace.written
        if price:
            usage = Usage(
                prompt_tokens=prompt,
                cached_prompt_tokens=max(0, prompt - new),
                cache_write_tokens=min(new, prompt),
                completion_tokens=pace.written,
            )
            cost += price.of(usage)
    return Most(tokens, cost if price else None, cost if price else None)
