"""Files and symbols by two questions: which of the tree's files, then which of their definitions."""

from __future__ import annotations

from collections.abc import Sequence

from agent.context.symbols import Symbol
from agent.context.tokens import estimate_tokens
from agent.locating.asking import Ask, asked, clipped_issue, room_beside
from agent.locating.reading import Places
from agent.models.profiles import ModelProfile
from agent.prompts import render

MOST_FILES, MOST_SYMBOLS = 10, 20
_ANSWER = 800


def name_places(
    ask: Ask, issue: str, repo: str, ranked: Sequence[Symbol], profile: ModelProfile, places: Places
) -> None:
    """Let a model name files and symbols, into ``places``: what the first question brought stays if the second fails.

    ``ranked``: the tree's symbols, most relevant first: where not all files fit, the most relevant are listed.
    """
    by_file: dict[str, list[Symbol]] = {}
    for symbol in ranked:
        by_file.setdefault(symbol.path, []).append(symbol)
    room = room_beside(issue, _ANSWER, profile)
    issue = clipped_issue(issue, profile)
    listed, out = fitting(list(by_file), room)
    prompt = render("locate/files", repo=repo, files=sorted(listed), left_out=out, issue=issue, most=MOST_FILES)
    places.read(ask(asked(prompt, answer=_ANSWER)).choices[0].content, by_file, by_file)
    del places.files[MOST_FILES:]
    own = [one for path in places.files for one in by_file[path]]
    if not own:
        return
    lines, out = fitting([one.id for one in _in_turn(own)], room)
    order = {path: place for place, path in enumerate(places.files)}
    lines.sort(key=lambda line: order[line.partition("::")[0]])
    prompt = render("locate/symbols", repo=repo, symbols=lines, left_out=out, issue=issue, most=MOST_SYMBOLS)
    places.read(ask(asked(prompt, answer=_ANSWER)).choices[0].content, places.files.copy(), by_file)
    del places.symbols[MOST_SYMBOLS:]


def fitting(lines: Sequence[str], room: int) -> tuple[list[str], int]:
    """Return the first lines that fit into so many tokens, and how many do not."""
    taken: list[str] = []
    for line in lines:
        room -= estimate_tokens(line) + 1
        if room < 0:
            break
        taken.append(line)
    return taken, len(lines) - len(taken)


def _in_turn(symbols: Sequence[Symbol]) -> list[Symbol]:
    """Return symbols so that each file has its share where not all fit: the first of each, the second of each, ..."""
    places: dict[str, int] = {}
    keyed = []
    for symbol in symbols:
        places[symbol.path] = places.get(symbol.path, 0) + 1
        keyed.append((places[symbol.path], symbol))
    return [symbol for _, symbol in sorted(keyed, key=lambda one: one[0])]
