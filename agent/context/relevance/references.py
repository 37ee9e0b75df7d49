"""What the likeliest symbols refer to, what refers to them, the classes that theirs derive from, files they import."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping

import numpy as np

from agent.context.index.file_index import Imported
from agent.context.relevance.candidates import Array, Candidates, module_name

_IDENTIFIER = re.compile(r"[A-Za-z_]\w*")
_BASES = re.compile(r"^class \w+\((.*)\)$")
_SEEDS, _STEPS, _FILE_SEEDS = 20, 2, 10
_MOST_BEARERS = 60
"""A name that more symbols bear leads nowhere."""


def reference_features(likely: Array, candidates: Candidates, files: Mapping[str, bytes]) -> dict[str, Array]:
    """Return name of a feature -> a value for each symbol.

    ``likely``: how likely each symbol is by itself, 1 for the best.
    """
    callee, caller = np.zeros(len(candidates)), np.zeros(len(candidates))
    front = likely
    for _ in range(_STEPS):
        gained = np.zeros(len(candidates))
        for seed in _best(front, _SEEDS):
            for symbol, share in _callees(seed, candidates, files):
                callee[symbol] = max(callee[symbol], share * front[seed])
                gained[symbol] = max(gained[symbol], share * front[seed])
            for symbol, share in _callers(seed, candidates):
                caller[symbol] = max(caller[symbol], share * front[seed])
        front = gained
    return {
        "g.callee": callee,
        "g.caller": caller,
        "g.base": _bases(likely, candidates),
        "g.import": _imports(likely, candidates),
    }


def _best(values: Array, count: int) -> list[int]:
    """Return the numbers of the largest values above 0; ties in order."""
    order = np.argsort(-values, kind="stable")[:count]
    return [int(number) for number in order if values[number] > 0]


def _callees(seed: int, candidates: Candidates, files: Mapping[str, bytes]) -> Iterable[tuple[int, float]]:
    entry, path = candidates.entries[seed], candidates.paths[candidates.file_of[seed]]
    text = files[path][entry.start : entry.end].decode(errors="replace")
    for name in dict.fromkeys(_IDENTIFIER.findall(text)):
        bearers = candidates.by_name.get(name, ())
        if name == entry.last_name or not 0 < len(bearers) <= _MOST_BEARERS:
            continue
        here = [one for one in bearers if candidates.file_of[one] == candidates.file_of[seed]]
        for symbol in bearers:
            yield symbol, 1.0 / (len(here) if symbol in here else len(bearers))


def _callers(seed: int, candidates: Candidates) -> Iterable[tuple[int, float]]:
    name = candidates.names[seed]
    users: list[int] = []
    for first, index in zip(candidates.first, candidates.indexes, strict=True):
        if name in index.words:
            users += [first + place // 2 - 1 for place, _ in index.postings(name) if place >= 2 and not place & 1]
    if len(users) <= _MOST_BEARERS * 4:
        for user in users:
            if user != seed:
                yield int(candidates.owners[user]), 1.0 / max(1, candidates.bearers[name]) / (1 + np.log(len(users)))


def _bases(likely: Array, candidates: Candidates) -> Array:
    """Return how likely what derives from a method's class is: a method of that name, or the class."""
    found = np.zeros(len(candidates))
    for seed in _best(likely, _SEEDS * 2):
        entry = candidates.entries[seed]
        parent = int(candidates.parents[seed])
        own_class = seed if entry.kind == "class" else parent
        method = "" if entry.kind == "class" else candidates.names[seed]
        for base, distance in _ancestors(own_class, candidates):
            first = candidates.first[candidates.file_of[base]]
            for place, other in enumerate(candidates.indexes[candidates.file_of[base]].entries, start=first):
                if candidates.parents[place] != base:
                    continue
                if other.last_name == method:
                    found[place] = max(found[place], likely[seed] / distance)
                elif not method or method == "__init__":
                    found[place] = max(found[place], 0.3 * likely[seed] / distance)
    return found


def _ancestors(start: int, candidates: Candidates) -> list[tuple[int, int]]:
    """Return the classes above one, by the names in their heads, with how far up they are."""
    found: dict[int, int] = {}
    front = [start] if start >= 0 and candidates.entries[start].kind == "class" else []
    for distance in range(1, 5):
        above = []
        for one in front:
            head = _BASES.match(candidates.entries[one].signature)
            for written in head[1].split(",") if head else ():
                bearers = candidates.by_name.get(written.strip().rpartition(".")[2], ())
                classes = [number for number in bearers if candidates.entries[number].kind == "class"]
                above += [number for number in classes[:3] if number not in found and number != start]
        found |= dict.fromkeys(above, distance)
        front = above
    return list(found.items())


def _imports(likely: Array, candidates: Candidates) -> Array:
    """Return how likely the likeliest file is that imports a symbol's file; one that imports much says less."""
    best = candidates.best_of_files(likely)
    number = {name: file for file, name in enumerate(candidates.modules)}
    found = np.zeros(len(candidates.paths))
    for file in _best(best, _FILE_SEEDS):
        targets = _imported(file, number, candidates)
        for target in targets:
            found[target] = max(found[target], best[file] / (1 + np.log(len(targets))))
    return candidates.of_files(found)


def _imported(file: int, number: Mapping[str, int], candidates: Candidates) -> set[int]:
    """Return the tree's files that a file imports."""
    return imported_files(candidates.paths[file], candidates.indexes[file].imports, number) - {file}


def imported_files(path: str, imports: Iterable[Imported], number: Mapping[str, int]) -> set[int]:
    """Return the numbers of the files that a file's imports name; ``number``: dotted name of a module -> its file."""
    own = module_name(path).split(".")
    package = own if path.endswith("__init__.py") else own[:-1]
    targets: set[int] = set()
    for one in imports:
        up = package[: len(package) - one.level + 1] if one.level else []
        module = ".".join([*up, *([one.module] if one.module else [])])
        for name in (f"{module}.{one.name}" if one.name not in ("", "*") else module, module):
            if name in number and module_name(path) != name:
                targets.add(number[name])
                break
    return targets
