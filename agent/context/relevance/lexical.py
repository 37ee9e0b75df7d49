"""How well symbols and files match the words of an issue: BM25 by part of the issue and by field of the code."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np

from agent.context.relevance.candidates import Array, Candidates, Numbers
from agent.context.relevance.words import words_in, words_of

_K1 = 1.2
_LENGTH = {"name": 0.3, "doc": 0.6, "body": 0.6, "file": 0.6, "path": 0.0}
"""How much a field's length counts against it."""
_OWNER = 0.3
"""How much a word of the class's name counts for a method."""
_TOO_COMMON = 0.15
"""Share of the symbols from which on a word says nothing."""
_BYTES_A_WORD = 12


Postings = tuple[Numbers, Numbers, Array]
"""Word, place and how often, in three rows."""


@dataclass
class _Field:
    """Where words stand: word, place (a symbol or a file) and how often, in turns."""

    words: list[int] = field(default_factory=list)
    places: list[int] = field(default_factory=list)
    counts: list[float] = field(default_factory=list)

    def add(self, word: int, place: int, count: float) -> None:
        self.words.append(word)
        self.places.append(place)
        self.counts.append(count)

    def summed(self, places: int) -> Postings:
        """Return word, place and count, each pair once."""
        keys = np.array(self.words, dtype=np.int64) * places + np.array(self.places, dtype=np.int64)
        unique, inverse = np.unique(keys, return_inverse=True)
        counts = np.bincount(inverse, weights=np.array(self.counts, dtype=np.float64), minlength=len(unique))
        return unique // max(places, 1), unique % max(places, 1), counts.astype(np.float64)


def lexical_features(parts: Mapping[str, str], candidates: Candidates) -> dict[str, Array]:
    """Return ``part.field`` -> a score for each symbol; ``file`` and ``path`` are of its file. The best has 1."""
    asked = {name: Counter(words_in(text)) for name, text in parts.items()}
    numbers = {word: number for number, word in enumerate(sorted({word for one in asked.values() for word in one}))}
    weights = {name: _weights(counts, numbers) for name, counts in asked.items()}
    fields = {name: _Field() for name in _LENGTH}
    _read_names(candidates, numbers, fields)
    file_lengths = _read_words(candidates, numbers, fields)
    symbols, files, words = len(candidates), len(candidates.paths), len(numbers)
    sizes = np.array([(one.end - one.start) / _BYTES_A_WORD for one in candidates.entries])
    lengths = {"name": _name_lengths(candidates), "doc": np.full(symbols, 10.0), "body": np.maximum(sizes, 1.0)}
    lengths |= {"file": file_lengths, "path": np.ones(files)}
    of_symbols = {name: fields[name].summed(symbols) for name in ("name", "doc", "body")}
    of_files = {name: fields[name].summed(files) for name in ("file", "path")}
    rarity = _rarity(of_symbols, words, symbols, _TOO_COMMON)
    file_rarity = _rarity({"file": of_files["file"]}, words, files, 1.0)
    found: dict[str, Array] = {}
    for name, postings in (of_symbols | of_files).items():
        whole = name in of_files
        value = _values(postings, lengths[name], _LENGTH[name], file_rarity if whole else rarity)
        for part, weight in weights.items():
            word, place, _ = postings
            score: Array = np.bincount(place, value * weight[word], files if whole else symbols).astype(np.float64)
            score /= max(float(score.max(initial=0.0)), 1e-9)
            found[f"{part}.{name}"] = candidates.of_files(score) if whole else score
    return found


def _weights(counts: Counter[str], numbers: Mapping[str, int]) -> Array:
    """Return how much each word of a part counts: one that stands there often a little more."""
    weights = np.zeros(len(numbers))
    for word, count in counts.items():
        weights[numbers[word]] = 1 + np.log(count)
    return weights


def _read_names(candidates: Candidates, numbers: Mapping[str, int], fields: Mapping[str, _Field]) -> None:
    known: dict[str, list[int]] = {}

    def hits(identifier: str) -> list[int]:
        if identifier not in known:
            known[identifier] = [numbers[word] for word in words_of(identifier) if word in numbers]
        return known[identifier]

    parents = candidates.parents.tolist()
    for symbol, name in enumerate(candidates.names):
        for word in hits(name):
            fields["name"].add(word, symbol, 1.0)
        if parents[symbol] >= 0:
            for word in hits(candidates.names[parents[symbol]]):
                fields["name"].add(word, symbol, _OWNER)
    for file, path in enumerate(candidates.paths):
        for part in path.removesuffix(".py").split("/"):
            for word in hits(part):
                fields["path"].add(word, file, 1.0)


def _name_lengths(candidates: Candidates) -> Array:
    return np.array([max(1, len(words_of(name))) for name in candidates.names], dtype=np.float64)


def _read_words(candidates: Candidates, numbers: Mapping[str, int], fields: Mapping[str, _Field]) -> Array:
    """Read the postings of the words that are asked for; return how many words each file has."""
    hits: dict[str, tuple[int, ...]] = {}
    seen: set[str] = set()
    lengths = np.ones(len(candidates.paths))
    owners = candidates.owners.tolist()
    body, doc, whole = fields["body"], fields["doc"], fields["file"]
    for file, (first, index) in enumerate(zip(candidates.first, candidates.indexes, strict=True)):
        identifiers = index.words.keys()
        lengths[file] += len(identifiers)
        for identifier in identifiers - seen:  # sets: a large tree has hundreds of thousands of them
            if found := tuple(numbers[word] for word in words_of(identifier) if word in numbers):
                hits[identifier] = found
        seen |= identifiers
        for identifier in identifiers & hits.keys():
            for place, count in index.postings(identifier):
                symbol = place // 2 - 1
                for word in hits[identifier]:
                    whole.add(word, file, count)
                    if symbol >= 0:
                        (doc if place & 1 else body).add(word, owners[first + symbol], count)
    return lengths


def _rarity(postings: Mapping[str, Postings], words: int, places: int, most: float) -> Array:
    """Return how rare each word is among symbols or files (inverse document frequency)."""
    pairs = [word * places + place for word, place, _ in postings.values()]
    seen = np.unique(np.concatenate(pairs)) // max(places, 1)
    frequency = np.bincount(seen, minlength=words)
    rarity = np.log(1 + (places - frequency + 0.5) / (frequency + 0.5))
    return np.where(frequency > most * places, 0.0, rarity) if places > 50 else rarity


def _values(postings: Postings, lengths: Array, share: float, rarity: Array) -> Array:
    word, place, count = postings
    if not len(word):
        return np.zeros(0)
    relative = lengths[place] / max(float(lengths.mean()), 1e-9)
    return np.asarray(count * (_K1 + 1) / (count + _K1 * (1 - share + share * relative)) * rarity[word])
