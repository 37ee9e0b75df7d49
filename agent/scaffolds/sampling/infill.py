"""Fill in the middle: one executed line is left out, and the model says what stands there.

A prompt is what stands before the line, from the function's head on, and a few lines after it, all without comments:
what is shown is read, and imitated. Lines that the failure went through come first. Then neighbours are asked about in
the order in which they stand, so that each prompt begins as the last one did and little of it is read again. The first
time a line is what the model finds likeliest; then come the likeliest of the tokens that it might have written instead,
each to the end of its line.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from agent.models.contract import Choice, Message, Request
from agent.models.litellm_client.raw_completion import infill_prompt
from agent.models.profiles import ModelProfile
from agent.scaffolds.sampling.answer import Answer, Setting, likelihood, tokens_of
from agent.scaffolds.sampling.place import Place, line_meant

_LINE_TOKENS = 48
_AFTER = 3
"""Lines after the gap that are shown: all of them are read again at every line."""
_BEFORE = 20
"""Lines before it that are shown at least. What is shown begins anew only every so many lines, to be read once."""
_DRAWS = 3
"""Answers a line when a place is asked about again, and the endpoint tells no alternatives."""
_ALTERNATIVES = 5
"""Tokens that are asked for beside each that is written."""
_LEAST = -7.0
"""Log-probability of a line's beginning below which it is not gone on with."""
_BRANCHES = 16
"""Beginnings gone on with each time that a place is asked about again."""
_NO_COMMENT = r"root ::= [ \t]* [^# \t\r\n] [^\x00]*"


@dataclass(frozen=True)
class _Doubt:
    """What a line might have begun with instead."""

    number: int
    begun: str
    logprob: float


class Infill:
    """The format ``infill``: a line replaced, or put in before it."""

    name = "infill"

    def usable(self, profile: ModelProfile) -> bool:
        """Tell whether the model has tokens for it."""
        return profile.fim is not None

    def answers(self, setting: Setting, place: Place) -> Iterator[list[Answer]]:
        """Ask about each executed line; where it failed, and when asked again, write the likeliest of what was not."""
        doubts: list[_Doubt] = setting.memory.setdefault(f"infill {place.symbol.id}", [])
        if not setting.again:
            for asked, number in enumerate(place.in_turn, 1):
                choice = _ask(setting, place, number, "", 1)[0]
                doubts += _doubts(choice, number)
                yield _answers(setting, place, number, "", choice)
                if asked == len(place.failed):
                    yield from _likeliest(setting, place, doubts)
        elif setting.profile.logprobs:
            yield from _likeliest(setting, place, doubts)
        else:
            for number in place.in_turn:
                drawn = _ask(setting, place, number, "", _DRAWS, setting.temperature)
                yield [answer for choice in drawn for answer in _answers(setting, place, number, "", choice)]


def _likeliest(setting: Setting, place: Place, doubts: list[_Doubt]) -> Iterator[list[Answer]]:
    """Take the likeliest doubts out, and write them, as they stand in the function."""
    doubts.sort(key=lambda doubt: -place.prior(doubt.number) - doubt.logprob)
    chosen, doubts[:] = doubts[:_BRANCHES], doubts[_BRANCHES:]
    for doubt in sorted(chosen, key=lambda doubt: doubt.number):
        yield _branch(setting, place, doubt)


def _branch(setting: Setting, place: Place, doubt: _Doubt) -> list[Answer]:
    choice = Choice(content="", finish_reason="stop", logprobs=())
    if "\n" not in doubt.begun:
        choice = _ask(setting, place, doubt.number, doubt.begun, 1)[0]
    return _answers(setting, place, doubt.number, doubt.begun, choice)


def _answers(setting: Setting, place: Place, number: int, begun: str, choice: Choice) -> list[Answer]:
    """Return what a line may mean; where it opens a block in which nothing stands, with the block's first line too."""
    line = (begun + choice.content).split("\n", 1)[0].rstrip()
    answers = [_answer(place, number, choice, line)]
    if line.endswith(":") and not place.lines[number].rstrip().endswith(":"):
        (body,) = _ask(setting, place, number, line + "\n", 1)
        answers.append(_answer(place, number, body, line, body.content.split("\n", 1)[0]))
    return answers


def _answer(place: Place, number: int, choice: Choice, *written: str) -> Answer:
    sources = line_meant(place, number, *written)
    return Answer(Infill.name, place, sources, tokens_of(choice), likelihood(choice))


def _ask(
    setting: Setting, place: Place, number: int, begun: str, draws: int, temperature: float = 0.0
) -> tuple[Choice, ...]:
    profile = setting.profile
    prompt = infill_prompt(profile, *around(setting, place, number)) + begun
    request = Request(
        (Message(role="user", content=prompt),),
        raw=True,
        n=draws,
        temperature=temperature,
        max_tokens=_LINE_TOKENS,
        stop=("\n",),
        logprobs=_ALTERNATIVES if profile.logprobs else 0,
        seed=setting.seed + number,
        grammar=_NO_COMMENT if profile.grammar and (not begun or begun.endswith("\n")) else None,
    )
    return setting.ask(request).choices


def _doubts(choice: Choice, number: int) -> list[_Doubt]:
    """Return what the line might have begun with instead, token by token, as far as it says something."""
    found: list[_Doubt] = []
    text, likely = "", 0.0
    for token in choice.logprobs or ():
        for other, logprob in token.top:
            begun = text + other
            if other != token.token and likely + logprob > _LEAST and _says_something(text, other):
                found.append(_Doubt(number, begun, likely + logprob))
        text += token.token
        likely += token.logprob
        if "\n" in text:
            break
    return found


def _says_something(text: str, other: str) -> bool:
    """Tell whether a token goes on otherwise than by blanks or a comment: code, or the end of a line that has some."""
    return bool(text.strip()) if other.startswith("\n") else other.strip()[:1] not in ("", "#")


def around(setting: Setting, place: Place, number: int) -> tuple[str, str]:
    """Return what a prompt shows before and after a line that is left out."""
    shown = [(n, line) for n, line in enumerate(place.bare_lines) if n not in place.documentation and line.strip()]
    before = [line for n, line in shown if n < number]
    head, lines = before[:1], before[1:]  # a function may stand in one line, and have nothing before it
    begun = max(0, len(lines) - _BEFORE) // _BEFORE * _BEFORE
    above = "\n".join(("# " + place.symbol.path, *_commented(setting.issue), "", *head, *lines[begun:]))
    after = [line for n, line in shown if n > number][:_AFTER]
    return above + "\n", "\n" + "\n".join(after)


def _commented(text: str) -> list[str]:
    return [f"# {line}".rstrip() for line in text.split("\n")]
