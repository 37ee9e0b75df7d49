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
_OPENING, _CLOSING = frozenset("([{"), frozenset(")]}")
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
                for number in place.in_turn[first : first + _LINES]:
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

    A text is looked at twice, the second time with its quote. ``names``: those of the function.
    """
    for at, word in enumerate(line):
        meant = [(_meant(text, word, names), logprob) for text, logprob in _look(setting, place, word)]
        if word.opening:
            inside = _look(setting, place, word, word.opening)
            meant += [(_texts_meant(text, word, place.texts), logprob) for text, logprob in inside]
        for words, logprob in meant:
            new = [one for text in words for one in _variants(place, line, at, text)]
            sources = [place.with_line(word.line, one) for one in dict.fromkeys(new)]
            changes = tuple(source for source in sources if fingerprint(source) not in (None, place.fingerprint))
            if changes and logprob > _LEAST:
                yield Answer(Cloze.name, place, changes, 0, logprob + place.prior(word.line))


def _look(setting: Setting, place: Place, word: Word, begun: str = "") -> Sequence[tuple[str, float]]:
    """Return what the model might write in place of a word, of which it sees ``begun``: tokens, log-probabilities."""
    shown = infill_prompt(setting.profile, *around(setting, place, word.line))
    before = place.lines[word.line][: word.start] + begun
    request = Request(
        (Message(role="user", content=shown + (before if begun else before.removesuffix(" "))),),
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


def _texts_meant(token: str, word: Word, texts: Sequence[Word]) -> list[str]:
    """Return the texts that a token after an opening quote may mean: itself, and those of the file that begin so."""
    content, ended, _ = token.partition(word.opening[-1])
    if "\n" in token or "\\" in token or not (content or ended):
        return []
    longer = [one.text for one in texts if content and one.content.startswith(content) and not ended]
    made = [word.opening + content + word.opening[-1], *longer[:_ENDED_BY_SAME_START]]
    return [text for text in dict.fromkeys(made) if text != word.text]


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
    left_out = [number for number in range(at + 1, min(len(line), at + 1 + _FORWARD)) if line[number].text == new]
    return made + [one for number in left_out for one in _without(text, line, at, number)]


def _without(text: str, line: Sequence[Word], first: int, end: int) -> list[str]:
    """Return a line without its words from ``first`` on, and without the bracket that is closed only after them."""
    made = [text[: line[first].start] + text[line[end].start :]]
    depth = 0
    for word in line[end:]:
        depth += (word.text in _OPENING) - (word.text in _CLOSING)
        if depth < 0:
            made.append(text[: line[first].start] + text[line[end].start : word.start] + text[word.end :])
            break
    return made
