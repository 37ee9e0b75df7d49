"""The most that a trajectory can take: turn by turn its prompt grows, to the window at last; and what limits leave.

A prompt begins as the one before it ends. Where the price of reading that from the vendor's cache is known, the dollars
are given both ways: with the cache, and without.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from typing import Literal

from agent.locating.asking import MOST_SHOWN
from agent.models.contract import Usage
from agent.models.prices import Price
from agent.models.profiles import ModelProfile
from agent.scaffolds.rooms import rooms_of
from agent.scaffolds.tools.shown import room_for
from agent.scaffolds.tools.window.history import CHARACTERS_PER_TOKEN
from swebench_runs.config import Budget

_MORE_ROOM = 4
"""Times its room that an answer has at most that its length cut, and that is asked for once more."""
_BESIDE = 6000
"""Tokens of a first message beside the code and the issue: rules, forms, a test, what a test did."""
_RESULTS = 4
"""Results of full length that an answer with several calls brings: more of them fill the window only sooner."""


Way = Literal["tools", "talk", "verdicts", "questions"]
"""A loop with tools; a dialogue whose feedback is bounded; one question for each candidate; questions on their own."""


@dataclass(frozen=True)
class Most:
    """Tokens and dollars at most; None: nobody knows."""

    tokens: int | None
    cost: float | None
    """With what the vendor's cache holds read at its price, as far as that is known."""
    uncached: float | None
    """Where nothing is read from a cache."""
    by: str = ""
    """The limit that it comes from; empty: turns and the window."""

    def times(self, number: int) -> Most:
        """Return that of so many of the same."""
        tokens = None if self.tokens is None else self.tokens * number
        cost, uncached = (None if one is None else one * number for one in (self.cost, self.uncached))
        return replace(self, tokens=tokens, cost=cost, uncached=uncached)

    def within(self, limit: Budget, worst: Price | None, name: str) -> Most:
        """Return it as far as a limit lets it come; ``name``: the limit's key in the configuration."""
        tokens, cost, uncached, by = self.tokens, self.cost, self.uncached, self.by
        if limit.tokens is not None and (tokens is None or limit.tokens < tokens):
            tokens, by = limit.tokens, f"{name}.tokens={limit.tokens}"
            most = limit.tokens * max(worst.prompt, worst.completion) if worst else None
            cost, uncached = _least(cost, most), _least(uncached, most)
        if limit.cost is not None:
            by = f"{name}.cost={limit.cost:g}" if cost is None or limit.cost < cost else by
            cost, uncached = _least(cost, limit.cost), _least(uncached, limit.cost)
        return Most(tokens, cost, uncached, by)


def together(parts: Iterable[Most]) -> Most:
    """Add up; what nobody knows of one nobody knows of all."""
    every = list(parts)
    tokens = [one.tokens for one in every if one.tokens is not None]
    costs = [one.cost for one in every if one.cost is not None]
    uncached = [one.uncached for one in every if one.uncached is not None]
    by = {one.by for one in every}
    return Most(
        sum(tokens) if len(tokens) == len(every) else None,
        sum(costs) if len(costs) == len(every) else None,
        sum(uncached) if len(uncached) == len(every) else None,
        by.pop() if len(by) == 1 else "",
    )


def calls_of(profile: ModelProfile, way: Way = "talk") -> int:
    """Return the calls of one turn at most; a question on its own is asked once, however its answer is cut."""
    return 1 if way == "questions" else len(_answers(profile))


def of_trajectory(profile: ModelProfile, price: Price | None, turns: int, *, way: Way, issue: int) -> Most:
    """Return what a trajectory of so many turns can take; ``issue``: tokens of its issue."""
    free = 0.0 if price and _is_free(price) else None
    if profile.context_tokens is None:
        return Most(None, free, free)
    tokens, cost, uncached = 0, 0.0, 0.0
    for prompt, fresh in _prompts(profile, profile.context_tokens, turns, way=way, issue=issue):
        for written, new in zip(_answers(profile)[: calls_of(profile, way)], (fresh, 0), strict=False):
            tokens += prompt + written
            if price:
                worst = price.worst(prompt)
                uncached += prompt * worst.prompt + written * worst.completion
                usage = Usage(
                    prompt_tokens=prompt,
                    cached_prompt_tokens=prompt - new,
                    cache_write_tokens=new,
                    completion_tokens=written,
                )
                cost += price.of(usage)
    return Most(tokens, cost, uncached) if price else Most(tokens, None, None)


def _prompts(profile: ModelProfile, window: int, turns: int, *, way: Way, issue: int) -> Iterator[tuple[int, int]]:
    """Yield the tokens of each turn's prompt, and how many of them no prompt before it had."""
    answers = _answers(profile)
    most = max(window - answers[0], window // 2)
    rooms = rooms_of(profile)
    shown = _RESULTS * room_for(window) if way == "tools" else 2 * rooms.output + rooms.diff + rooms.regressions
    growth = max(answers) + shown // CHARACTERS_PER_TOKEN
    prompt = min(most, profile.shown + issue + _BESIDE)
    if way == "questions":  # each shows files of its own
        alone = min(most, MOST_SHOWN + issue + _BESIDE)
        yield from ((alone, alone) for _ in range(turns))
        return
    if way == "verdicts":  # each candidate is judged apart: what is shown of the repository is the same
        own = min(prompt, shown // CHARACTERS_PER_TOKEN)
        yield from ((prompt, own if turn else prompt) for turn in range(turns))
        return
    for turn in range(turns):
        if turn and prompt + growth > most:  # the oldest goes, and what stands after it is read anew
            prompt = most
            yield most, min(most, 2 * growth)
            continue
        prompt += growth if turn else 0
        yield prompt, growth if turn else prompt


def _answers(profile: ModelProfile) -> tuple[int, ...]:
    """Return the tokens of the answers of a turn: one that its length cut is asked for once more, with more room."""
    room = profile.room(profile.answer_tokens)
    most = min(_MORE_ROOM * room, profile.max_output_tokens)
    return (room, most) if room < most else (room,)


def _is_free(price: Price) -> bool:
    worst = price.worst(10**9)
    return worst.prompt == worst.completion == 0


def _least(one: float | None, other: float | None) -> float | None:
    known = [value for value in (one, other) if value is not None]
    return min(known, default=None)
