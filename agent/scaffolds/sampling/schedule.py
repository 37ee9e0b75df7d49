"""In what order places are asked about: likely ones first and often, then ever wider."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence

from agent.models.profiles import ModelProfile
from agent.scaffolds.sampling.answer import Format
from agent.scaffolds.sampling.branch import Branch
from agent.scaffolds.sampling.cloze import Cloze
from agent.scaffolds.sampling.infill import Infill
from agent.scaffolds.sampling.place import Place
from agent.scaffolds.sampling.whole_symbol import Drawn

FORMATS: dict[str, Format] = {
    one.name: one for one in (Infill(), Cloze(), Branch(), Drawn("symbol"), Drawn("search_replace"))
}
"""Every format by its name, those that take the least time for a change first."""

_BAND = 3
"""Places that are asked about together before others are, or before they are asked about again."""
_TURNS = 24
"""Of one place."""


def formats_of(profile: ModelProfile) -> list[Format]:
    """Return the formats that a model can be asked in."""
    usable = [format for format in FORMATS.values() if format.usable(profile)]
    if any(format.name == "infill" for format in usable):  # the whole function is what such a model also masters
        usable = [format for format in usable if format.name != "search_replace"]
    return usable


def schedule(
    places: Sequence[Place], formats: Sequence[Format], index: int = 0, siblings: int = 1
) -> Iterator[tuple[Place, Format, int]]:
    """Yield place, format, and how often this place was asked about in this format before.

    In round ``r`` band ``b`` of the places has its turn ``r - b``: in turn ``t`` its places are asked about in the
    first ``t + 1`` formats, for the later ones cost more. No two of a task's ``siblings`` ask the same: a place in a
    format is the affair of one of them, for formats remember what they saw (of several only where there are too few),
    and what falls to the one with this ``index`` is yielded.
    """
    visits: Counter[tuple[int, int]] = Counter()
    bands = -(-len(places) // _BAND)
    for number in range(_TURNS + bands):
        for form, format in enumerate(formats[: number + 1]):
            for at, place in enumerate(places[: (number + 1 - form) * _BAND]):
                again = visits[at, form]
                visits[at, form] += 1
                owners = _owners((at + form) % len(places) + form * len(places), len(places) * len(formats), siblings)
                if owners[again % len(owners)] == index % siblings:
                    yield place, format, again


def _owners(pair: int, pairs: int, siblings: int) -> list[int]:
    """Return whose affair a place in a format is: of one sibling, or of several where there are too few pairs."""
    return [one for one in range(siblings) if one % pairs == pair % min(siblings, pairs)]
