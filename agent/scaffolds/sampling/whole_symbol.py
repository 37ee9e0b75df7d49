"""The whole function, and a SEARCH/REPLACE block: several answers to one prompt, held to a grammar where one counts."""

from __future__ import annotations

from collections.abc import Iterator

from agent.edits import EditError, EditFormat, NoChange, parse_edit, search_replace_grammar, symbol_grammar
from agent.models.contract import Choice, Request
from agent.models.profiles import ModelProfile
from agent.prompts import render
from agent.scaffolds.sampling.answer import Answer, Setting, likelihood, tokens_of
from agent.scaffolds.sampling.opening import opening
from agent.scaffolds.sampling.place import Place

_BLOCK_TOKENS = 256
_WARM = 0.8
_LONGEST = 2400
"""Characters of a function that a model for short answers is asked about as a whole."""


class Drawn:
    """A format of ``agent.edits``, ``symbol`` or ``search_replace``, of which several answers are drawn at once."""

    def __init__(self, name: EditFormat) -> None:
        self.name: EditFormat = name

    def usable(self, profile: ModelProfile) -> bool:
        """Any chat model can be asked in it."""
        return True

    def answers(self, setting: Setting, place: Place) -> Iterator[list[Answer]]:
        """Draw as many answers as the endpoint works on at once; asked again, as many others."""
        profile, symbol = setting.profile, place.symbol
        if profile.fim is not None and len(symbol.source) > _LONGEST:
            return  # to a small model it is a minute's work, and it loses its way
        grammar = None
        if profile.grammar and self.name == "symbol":
            grammar = symbol_grammar([symbol], reason=False)
        elif profile.grammar:
            grammar = _block_grammar(place)
        room = len(symbol.source) // 2 + 100 if self.name == "symbol" else _BLOCK_TOKENS
        request = Request(
            opening(setting, place, render(f"edit/forms_{self.name}", actions=False)),
            n=min(2 if profile.fim is not None else 4, profile.parallel_slots),
            temperature=max(_WARM, setting.temperature),
            max_tokens=profile.room(min(room, profile.answer_tokens)),
            grammar=grammar,
            logprobs=1 if profile.logprobs else 0,
            seed=setting.seed + 1000 * setting.again,
        )
        yield [self._answer(place, choice) for choice in setting.ask(request).choices]

    def _answer(self, place: Place, choice: Choice) -> Answer:
        sources: tuple[str, ...] = ()
        try:
            changed = parse_edit(self.name, choice.content, {place.symbol.path: place.raw}).files
            source = place.found_in(changed)
            sources = () if source is None else (source,)
        except NoChange:
            sources = (place.symbol.source,)
        except EditError:
            pass
        return Answer(self.name, place, sources, tokens_of(choice), likelihood(choice))


def _block_grammar(place: Place) -> str | None:
    try:
        return search_replace_grammar([place.symbol], {place.symbol.path: place.raw}, reason=False)
    except ValueError:  # no line of it stands in its file only once
        return None
