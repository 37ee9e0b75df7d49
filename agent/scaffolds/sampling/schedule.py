"""In what order places are asked about: likely ones first and often, then ever wider."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from agent.models.profiles import ModelProfile
from agent.scaffolds.sampling.answer import Format
from agent.scaffolds.sampling.branch import Branch
from agent.scaffolds.sampling.infill import Infill
from agent.scaffolds.sampling.place import Place
from agent.scaffolds.sampling.whole_symbol import Drawn

FORMATS: dict[str, Format] = {one.name: one for one in (Infill(), Branch(), Drawn("symbol"), Drawn("search_replace"))}
"""Every format by its name, the one that found most in the least time first (docs/measurements/formats.json)."""

_BAND = 3
"""Places that are asked about together before others are, or before they are asked about again."""
_ROUNDS = 8


def formats_of(profile: ModelProfile, index: int = 0) -> list[Format]:
    """Return the formats that a model can be asked in; sibling trajectories begin with different ones."""
    usable = [format for format in FORMATS.values() if format.usable(profile)]
    if any(format.name == "infill" for format in usable):  # what a weak model masters, then one that sees the issue
        usable = [format for format in usable if format.name != "search_replace"]
    first = index % len(usable)
    return [*usable[first:], *usable[:first]]


def schedule(places: Sequence[Place], formats: Sequence[Format]) -> Iterator[tuple[Place, Format, int]]:
    """Yield place, format, and how often this place was asked about in this format before.

    In round ``r`` band ``b`` of the places is asked about for time ``r - b``.
    """
    bands = [places[start : start + _BAND] for start in range(0, len(places), _BAND)]
    for number in range(_ROUNDS + len(bands)):
        for band, members in enumerate(bands[: number + 1]):
            again = number - band
            if again < _ROUNDS:
                yield from ((place, format, again) for place in members for format in formats)
