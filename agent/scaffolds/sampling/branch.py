"""Where the model would write something else: it copies the function token by token, and every doubt is a branch.

The model is led along the code as it stands and tells at each token what else it might have written. The likeliest of
those are then written, to the end of their line; the rest of the function stays. All branches of a function begin as
its copy does, and are taken from its end to its beginning, so that nothing but a line is read for each.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from agent.models.contract import Choice, Message, Request, TokenLogprob
from agent.models.profiles import ModelProfile
from agent.scaffolds.sampling.answer import Answer, Setting, likelihood, tokens_of
from agent.scaffolds.sampling.infill import line_meant
from agent.scaffolds.sampling.opening import opening
from agent.scaffolds.sampling.place import Place

_FORM = "Write the whole function, corrected."
_FENCE = "```python\n"
_DOUBTS = 5
"""Alternatives a token that are asked for."""
_LEAST = -6.0
"""Log-probability below which an alternative is no doubt."""
_BRANCHES = 16
"""Branches each time that a place is asked about."""
_LINE_TOKENS = 40
_COPIED_CHARACTERS = 2400
"""Of a function that are copied at most: what is executed first counts."""
_DEVIATIONS = 6
"""How often the model is led back to the code."""


@dataclass(frozen=True)
class _Doubt:
    offset: int
    """In the source."""
    token: str
    logprob: float


class Branch:
    """The format ``branch``."""

    name = "branch"

    def usable(self, profile: ModelProfile) -> bool:
        """Tell whether the endpoint shows alternatives, and takes an answer's opening."""
        return profile.logprobs and profile.server == "llamacpp"

    def answers(self, setting: Setting, place: Place) -> Iterator[list[Answer]]:
        """Copy the function, then write the likeliest branches that were not written before."""
        copying = _Copying(setting, place, opening(setting, place, _FORM))
        yield from copying.walk()
        chosen = sorted(copying.doubts, key=lambda doubt: -doubt.logprob)
        first = setting.again * _BRANCHES
        for doubt in sorted(chosen[first : first + _BRANCHES], key=lambda doubt: -doubt.offset):
            yield copying.branch(doubt)


class _Copying:
    def __init__(self, setting: Setting, place: Place, messages: list[Message]) -> None:
        self._setting, self._place, self._messages = setting, place, messages
        self._source = place.symbol.source + "\n"
        starts = [0]
        for line in place.lines:
            starts.append(starts[-1] + len(line) + 1)
        self._starts = starts
        self._executed = set(place.executed)
        self.doubts: list[_Doubt] = []

    def walk(self) -> Iterator[list[Answer]]:
        """Lead the model along the executed part; where it leaves the code, what it writes is an answer."""
        at = self._starts[min(self._executed, default=0)]
        end = min(self._starts[max(self._executed, default=0) + 1], at + _COPIED_CHARACTERS)
        for _ in range(_DEVIATIONS):
            if at >= end:
                return
            choice = self._ask(self._source[:at], stop=("```",), tokens=(end - at) // 2 + _LINE_TOKENS, top=_DOUBTS)
            same = self._note(choice.logprobs or (), at)
            line = self._line_of(same)
            if same >= end:
                return
            written = self._source[self._starts[line] : at] if at > self._starts[line] else ""
            written += choice.content[max(0, self._starts[line] - at) :]
            yield [self._answer(choice, line, written)]
            at = self._starts[line + 1]

    def branch(self, doubt: _Doubt) -> list[Answer]:
        """Write a line from a doubt on."""
        line = self._line_of(doubt.offset)
        begun = self._source[self._starts[line] : doubt.offset] + doubt.token
        if "\n" in begun:
            text, choice = begun, Choice(content="", finish_reason="stop", logprobs=())
        else:
            choice = self._ask(self._source[: doubt.offset] + doubt.token, stop=("\n",), tokens=_LINE_TOKENS, top=1)
            text = begun + choice.content
        return [self._answer(choice, line, text)]

    def _answer(self, choice: Choice, line: int, written: str) -> Answer:
        sources = line_meant(self._place, line, written)
        return Answer(Branch.name, self._place, sources, tokens_of(choice), likelihood(choice))

    def _ask(self, opened: str, *, stop: Sequence[str], tokens: int, top: int) -> Choice:
        begun = Message(role="assistant", content=_FENCE + opened)
        request = Request((*self._messages, begun), max_tokens=tokens, stop=stop, logprobs=top, seed=self._setting.seed)
        return self._setting.ask(request).choices[0]

    def _note(self, tokens: Sequence[TokenLogprob], at: int) -> int:
        """Note the doubts along the tokens that are the code's own; return the offset from which they are not."""
        for token in tokens:
            line = self._line_of(at)
            same = self._source.startswith(token.token, at)
            if line in self._executed:
                own = token.token if same else ""
                self.doubts += [
                    _Doubt(at, text, logprob)
                    for text, logprob in token.top
                    if text
                    and text != own
                    and logprob > _LEAST
                    and not self._source.startswith(text, at)
                    and text.strip("` \n")
                ]
            if not same or not token.token:
                return at
            at += len(token.token)
        return at

    def _line_of(self, offset: int) -> int:
        return next((n for n, start in enumerate(self._starts[1:]) if offset < start), len(self._place.lines) - 1)
