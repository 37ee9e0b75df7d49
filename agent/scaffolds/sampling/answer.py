"""What one answer of the model would make of a place, and the protocol of the formats that it is asked in."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from typing import Any, Protocol

from agent.models.contract import Choice, Completion, Request
from agent.models.profiles import ModelProfile
from agent.scaffolds.sampling.place import Place

Ask = Callable[[Request], Completion]


@dataclass(frozen=True)
class Answer:
    """One sample."""

    format: str
    place: Place
    sources: tuple[str, ...]
    """What the place's source may be meant to become, the likeliest first; none: the answer cannot be placed."""
    tokens: int
    """That it took to write it."""
    likelihood: float | None
    """The mean log-probability of its tokens; None where the endpoint does not tell."""


@dataclass(frozen=True)
class Setting:
    """What all formats are asked with."""

    ask: Ask
    profile: ModelProfile
    issue: str
    """In a few lines."""
    failure: str
    """The test, and how it ended on the unchanged code, in a few lines."""
    temperature: float
    seed: int
    memory: dict[str, Any] = field(default_factory=dict)
    """What a format keeps of a place until it is asked about it again."""
    again: int = 0
    """How often the place was sampled by this format before."""

    def again_at(self, again: int) -> Setting:
        """Return the setting of a place that was asked about so often before."""
        return replace(self, again=again, seed=self.seed + 10_000 * again)


class Format(Protocol):
    """A form of short answers."""

    @property
    def name(self) -> str:
        """What records and tables call it."""
        ...

    def usable(self, profile: ModelProfile) -> bool:
        """Tell whether a model can be asked in it."""
        ...

    def answers(self, setting: Setting, place: Place) -> Iterator[list[Answer]]:
        """Ask about a place, call by call, and yield each call's answers; whoever has enough takes no more."""
        ...


def likelihood(choice: Choice) -> float | None:
    """Return the mean log-probability of an answer's tokens."""
    if not choice.logprobs:
        return None
    return sum(token.logprob for token in choice.logprobs) / len(choice.logprobs)


def tokens_of(choice: Choice) -> int:
    """Return how many tokens an answer took; where the endpoint does not tell, an estimate."""
    return len(choice.logprobs) if choice.logprobs is not None else 1 + len(choice.content) // 4
