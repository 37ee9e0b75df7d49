"""Token by token: what else the model expects at each word of an executed line, put in that word's place.

The line is left out from the word on, so that what stands there does not bias the model, and one token is asked for
with its alternatives: one look costs as much as a token that is written. Each alternative that makes other code is
tried in the line as it stands, the likeliest first: in place of the word, before it, with the words up to it left
out, or exchanged with it. This is cloze-style repair (AlphaRepair, Xia and Zhang, arXiv 2207.08281), by a model
that fills in the middle.
"""

from __future__ import annotations

import builtins
import keyword
import re
from collections.abc import Iterator, Sequence

from agent.models.contract import Message, Request
from agent.models.litellm_client.raw_completion import infill_prompt
from agent.models.profiles import ModelProfile
from agent.scaffolds.sampling.answer import Answer, Setting
from agent.scaffolds.sampling.infill import around
from agent.scaffolds.sampling.place import Place, fingerprint
from agent.scaffolds.sampling.words import Word, words_of

_ALTERNATIVES = 8
"""Tokens that are asked for at each word."""
_LEAST = -9.0
"""Log-probability below which an alternative is not tried."""
_LINES = 6
"""Lines looked at before something is tried."""
_TRIED, _TRIED_AGAIN = 16, 48
"""Alternatives tried then, and each time that a place is asked about again."""
_AT_ONCE = 8
"""Of them run together."""
_ENDED_BY_SAME_START = 3
"""Names of the function that are tried for a token which may be the beginning of any of them."""
_FORWARD = 4
"""Words up to which an alternative may leave out what stands between."""
_PREFIXES = frozenset({"not", "-", "~", "*", "**", "await"})
"""What may stand before a word without anything beside it."""
_KNOWN = frozenset(dir(builtins)) | frozenset(keyword.kwlist)


class Cloze:
    """The format ``cloze``."""

    name = "cloze"

    def usable(self, profile: ModelProfile) -> bool:
        """Tell whether the model fills in the middle and tells alternatives."""
        return profile.fim is not None and profile.logprobs

    def answers(self, setting: Setting, place: Place) -> Iterator[list[Answer]]:
        """Look at some lines, try the likeliest of what was seen, and go on; asked again, try what was left over."""
        known = f"cloze {place.symbol.id}"
        left: list[Answer] = setting.memory.get(known, [])
        if known not in setting.memory:
            setting.memory[known] = left
            words = [word for word in words_of(place.symbol.source) if not word.comment]
            names = sorted({word.text for word in words if word.text.isidentifier()} - _KNOWN)
            for first in range(0, len(place.executed), _LINES):
                for number in place.executed[first : first + _LINES]:
                    line = [word for word in words if word.line == number]
                    left += _looked(setting, place, line, names)
                yield from _likeliest(left, _TRIED)
        else:
            yield from _likeliest(left, _TRIED_AGAIN)


def _likeliest(left: list[Answer], most: int) -> Iterator[list[Answer]]:
    """Take the likeliest out, and yield them some at a time."""
    left.sort(key=lambda answer: -(answer.likelihood or 0.0))
    taken, left[:] = left[:most], left[most:]
    for start in range(0, len(taken), _AT_ONCE):
        yield taken[start : start + _AT_ONCE]


def _looked(setting: Setting, place: Place, line: Sequence[Word], names: Sequence[str]) -> Iterator[Answer]:
    """Look at each word of a line, and return what its alternatives make of the place, as far as it is other code.

    ``names``: those of the function, any of which a token may begin.
    """
    for at, word in enumerate(line):
        for text, logprob in _look(setting, place, word):
            new = [one for meant in _meant(text, word, names) for one in _variants(place, line, at, meant)]
            sources = [place.with_line(word.line, one) for one in dict.fromkeys(new)]
            changes = tuple(source for source in sources if fingerprint(source) not in (None, place.fingerprint))
            if changes and logprob > _LEAST:
                yield Answer(Cloze.name, place, changes, 0, logprob)


def _look(setting: Setting, place: Place, word: Word) -> Sequence[tuple[str, float]]:
    """Return what the model might write in place of a word, a token each, and its log-probability."""
    shown = infill_prompt(setting.profile, *around(setting, place, word.line))
    request = Request(
        (Message(role="user", content=shown + place.lines[word.line][: word.start].removesuffix(" ")),),
        raw=True,
        max_tokens=1,
        logprobs=_ALTERNATIVES,
        seed=setting.seed,
    )
    tokens = setting.ask(request).choices[0].logprobs
    return tokens[0].top if tokens else ()


def _meant(text: str, word: Word, names: Sequence[str]) -> list[str]:
    """Return the words that a token may be, or be the beginning of; none where it is the one that stands there."""
    new = text.strip(" ")
    if not new or "\n" in new or "#" in new or word.text.startswith(new):
        return []
    if not re.fullmatch(r"[^\W\d]\w*", new):
        return [new]
    longer = [name for name in names if name.startswith(new) and name != word.text][:_ENDED_BY_SAME_START]
    return list(dict.fromkeys(([new] if new in _KNOWN else []) + longer))


def _variants(place: Place, line: Sequence[Word], at: int, new: str) -> list[str]:
    """Return the lines that a new word may mean."""
    word = line[at]
    text = place.lines[word.line]
    made = [text[: word.start] + new + text[word.end :]]
    if new in _PREFIXES:
        made.append(text[: word.start] + new + (" " if new.isalpha() else "") + text[word.start :])
    for other in line[at + 1 :]:
        if other.text == new and new.isidentifier():
            made.append(text[: word.start] + new + text[word.end : other.start] + word.text + text[other.end :])
            break
    left_out = [other for other in line[at + 1 : at + 1 + _FORWARD] if other.text == new]
    return made + [text[: word.start] + text[other.start :] for other in left_out]
