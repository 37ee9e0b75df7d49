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
from agent.scaffolds.sampling.opening import opening
from agent.scaffolds.sampling.place import Place, line_meant

_FORM = "Write the whole function, corrected."
_FORM_OF_PART = "This is a part of a longer function. Write the part, corrected."
_FENCE = "```python\n"
_DOUBTS = 5
"""Alternatives a token that are asked for."""
_LEAST = -6.0
"""Log-probability below which an alternative is no doubt."""
_BRANCHES = 16
"""Branches each time that a place is asked about."""
_LINE_TOKENS = 40
_SHOWN_CHARACTERS = 1600
"""Of a function that is copied whole: it is read twice. A longer one is copied part by part."""
_LEAD = 3
"""Lines around a part."""
_COPIED_TOKENS = 48
"""Copied at a time: what is written after the code was left is of no use."""
_DEVIATIONS = 8
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
        parts = parts_of(place)
        part, again = setting.again % len(parts), setting.again // len(parts)
        known = f"{place.symbol.id} {part}"
        copying = setting.memory.get(known)
        if copying is None:
            copying = setting.memory[known] = _Copying(setting, place, *parts[part])
            yield from copying.walk()
        chosen = sorted(copying.doubts, key=lambda doubt: -doubt.logprob)
        first = again * _BRANCHES
        for doubt in sorted(chosen[first : first + _BRANCHES], key=lambda doubt: -doubt.offset):
            yield copying.branch(doubt)


def parts_of(place: Place) -> list[tuple[int, int]]:
    """Return the lines, from and to, of the parts in which a function is copied; of a short one itself."""
    if len(place.symbol.source) <= _SHOWN_CHARACTERS:
        return [(0, len(place.lines))]
    parts = [(place.executed[0], place.executed[0])]
    for number in place.executed:
        begun = parts[-1][0]
        if sum(map(len, place.lines[begun : number + 1])) > _SHOWN_CHARACTERS:
            parts.append((number, number))
            begun = number
        parts[-1] = (begun, number + 1)
    return parts


class _Copying:
    def __init__(self, setting: Setting, place: Place, first: int, end: int) -> None:
        """``first`` and ``end``: lines of the part that is shown and copied, with what leads to it."""
        self._executed = {number for number in place.executed if first <= number < end}
        first = max(0, first - _LEAD)
        shown = "\n".join(place.lines[first : end + _LEAD])
        self._setting, self._place = setting, place
        self._messages = opening(setting, place, _FORM if end - first >= len(place.lines) else _FORM_OF_PART, shown)
        self._source = place.symbol.source + "\n"
        starts = [0]
        for line in place.lines:
            starts.append(starts[-1] + len(line) + 1)
        self._starts = starts
        self._shown_from = starts[first]
        self.doubts: list[_Doubt] = []

    def walk(self) -> Iterator[list[Answer]]:
        """Lead the model along the executed part; where it leaves the code, what it writes is an answer."""
        at = self._starts[min(self._executed, default=0)]
        end = self._starts[max(self._executed, default=0) + 1]
        deviations = 0
        while at < end and deviations < _DEVIATIONS:
            choice = self._ask(self._source[:at], stop=("```",), tokens=_COPIED_TOKENS, top=_DOUBTS)
            same = self._note(choice.logprobs or (), at)
            if same >= end:
                return
            line = self._line_of(same)
            rest = choice.content[same - at :]
            if rest:
                deviations += 1
                written = self._source[self._starts[line] : same] + rest.split("\n", 1)[0]
                yield [self._answer(choice, line, written)]
            at = self._starts[line + 1] if rest or same == at else same

    def branch(self, doubt: _Doubt) -> list[Answer]:
        """Write a line from a doubt on; where it is the head of a block, the block's first line too."""
        line = self._line_of(doubt.offset)
        text = self._source[self._starts[line] : doubt.offset] + doubt.token
        choice = Choice(content="", finish_reason="stop", logprobs=())
        if "\n" not in text:
            choice = self._ask(self._source[: doubt.offset] + doubt.token, stop=("\n",), tokens=_LINE_TOKENS, top=1)
            text += choice.content
        text = text.split("\n", 1)[0]
        answers = [self._answer(choice, line, text)]
        if text.rstrip().endswith(":") and not self._place.lines[line].rstrip().endswith(":"):
            opened = f"{self._source[: self._starts[line]]}{text}\n"
            body = self._ask(opened, stop=("\n",), tokens=_LINE_TOKENS, top=1)
            answers.append(self._answer(body, line, text, body.content.split("\n", 1)[0]))
        return answers

    def _answer(self, choice: Choice, line: int, *written: str) -> Answer:
        sources = line_meant(self._place, line, *written)
        return Answer(Branch.name, self._place, sources, tokens_of(choice), likelihood(choice))

    def _ask(self, opened: str, *, stop: Sequence[str], tokens: int, top: int) -> Choice:
        begun = Message(role="assistant", content=_FENCE + opened[self._shown_from :])
        request = Request((*self._messages, begun), max_tokens=tokens, stop=stop, logprobs=top, seed=self._setting.seed)
        return self._setting.ask(request).choices[0]

    def _note(self, tokens: Sequence[TokenLogprob], at: int) -> int:
        """Note the doubts along the tokens that are the code's own; return the offset from which they are not."""
        for token in tokens:
            line = self._line_of(at)
            same = self._source.startswith(token.token, at)
            if line in self._executed:
                others = [(text, logprob) for text, logprob in token.top if text != token.token and logprob > _LEAST]
                self.doubts += [_Doubt(at, *other) for other in others if self._says_something(other[0], at)]
            if not same or not token.token:
                return at
            at += len(token.token)
        return at

    def _says_something(self, text: str, at: int) -> bool:
        """Tell whether a token leaves the code otherwise than by blanks, a comment, or the end of the answer."""
        return not self._source.startswith(text, at) and text.strip("` \t\n")[:1] not in ("", "#")

    def _line_of(self, offset: int) -> int:
        return next((n for n, start in enumerate(self._starts[1:]) if offset < start), len(self._place.lines) - 1)
