"""Fill in the middle: one executed line is left out, and the model says what stands there.

A prompt is what stands before the line, from the function's head on, and a few lines after it. Neighbours are asked
about in the order in which they stand, so that each prompt begins as the last one did and little of it is read again.
"""

from __future__ import annotations

from collections.abc import Iterator

from agent.models.contract import Choice, Message, Request
from agent.models.litellm_client.raw_completion import infill_prompt
from agent.models.profiles import ModelProfile
from agent.scaffolds.sampling.answer import Answer, Setting, likelihood, tokens_of
from agent.scaffolds.sampling.place import Place, line_meant

_LINE_TOKENS = 48
_AFTER = 4
"""Lines after the gap that are shown: all of them are read again at every line."""
_BEFORE = 40
"""Lines before it."""
_DRAWS = 3
"""Answers a line when a place is asked about again."""


class Infill:
    """The format ``infill``: a line replaced, or put in before it. The first time greedily, then by chance."""

    name = "infill"

    def usable(self, profile: ModelProfile) -> bool:
        """Tell whether the model has tokens for it."""
        return profile.fim is not None

    def answers(self, setting: Setting, place: Place) -> Iterator[list[Answer]]:
        """Ask about each executed line in turn."""
        for number in place.executed:
            before, after = _around(setting, place, number)
            prompt = infill_prompt(setting.profile, before, after)
            completion = setting.ask(
                Request(
                    (Message(role="user", content=prompt),),
                    raw=True,
                    n=_DRAWS if setting.again else 1,
                    temperature=setting.temperature if setting.again else 0.0,
                    max_tokens=_LINE_TOKENS,
                    stop=("\n",),
                    logprobs=1 if setting.profile.logprobs else 0,
                    seed=setting.seed + number,
                )
            )
            yield [_answer(self.name, place, number, choice) for choice in completion.choices]


def _around(setting: Setting, place: Place, number: int) -> tuple[str, str]:
    lines = [line for n, line in enumerate(place.lines[:number]) if n not in place.documentation]
    before = (
        "\n".join(("# " + place.symbol.path, *_commented(setting.issue), "", *lines[:1], *lines[1:][-_BEFORE:])) + "\n"
    )
    after = "\n" + "\n".join(place.lines[number + 1 : number + 1 + _AFTER])
    return before, after


def _commented(text: str) -> list[str]:
    return [f"# {line}".rstrip() for line in text.split("\n")]


def _answer(name: str, place: Place, number: int, choice: Choice) -> Answer:
    return Answer(
        name, place, line_meant(place, number, *choice.content.split("\n")[:1]), tokens_of(choice), likelihood(choice)
    )
