"""The files judged relevant, ranked by their summaries: several rankings, each in another order shown, merged."""

from __future__ import annotations

import random
from collections.abc import Mapping, Sequence

from agent.locating.asking import Ask, asked, clipped_issue, room_beside
from agent.locating.reading import Places
from agent.models.profiles import ModelProfile
from agent.prompts import render

_CHARACTERS = 3
_TEMPERATURE = 0.6


def rank_files(
    ask: Ask, issue: str, summaries: Mapping[str, str], profile: ModelProfile, places: Places, *, seed: int
) -> None:
    """Ask for one ranking, into ``places``; ``seed``: which of several, it decides in what order files are shown."""
    paths = list(summaries)
    random.Random(seed).shuffle(paths)
    answer = 100 + 40 * len(paths)
    most = max(60, room_beside(issue, answer, profile) * _CHARACTERS // max(1, len(paths)))
    shown = [(path, summaries[path][:most]) for path in paths]
    prompt = render("locate/rank", issue=clipped_issue(issue, profile), files=shown)
    request = asked(prompt, answer=answer, temperature=_TEMPERATURE if seed else 0.0)
    places.read(ask(request).choices[0].content, paths, {})


def merged(rankings: Sequence[Sequence[str]], paths: Sequence[str]) -> tuple[str, ...]:
    """Return paths by their mean rank; one that a ranking leaves out comes last in it, ties keep the order given."""
    if not rankings:
        return tuple(paths)
    places = [{path: place for place, path in enumerate(ranking)} for ranking in rankings]
    total = {path: sum(place.get(path, len(paths)) for place in places) for path in paths}
    return tuple(sorted(paths, key=lambda path: total[path]))
