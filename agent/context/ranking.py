"""How relevant each symbol is to an issue: BM25, what the issue names, and a few steps along references."""

from __future__ import annotations

import heapq
import math
import re
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence

import bm25s

from agent.context.mentions import IDENTIFIER, Mentions, mentions_of, same_file
from agent.context.symbols import Symbol

_WORD = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|\d+")

FRAME_LINE = 6.0
"""Bonus of the symbol that a traceback line falls into."""
PATH = 0.7
"""Bonus of every symbol of a file or module that the issue names."""
OWNER = 0.4
"""Share of a class's bonus that goes to its methods."""
VARIABLE = 0.5
"""Share of its bonus that a variable keeps: an issue that names one mostly means a parameter or an attribute."""
CALLEE, CALLER = 0.5, 0.15
"""Share of a top symbol's score that goes to what it refers to and to what refers to it, at every step."""
STEPS, SEEDS = 3, 10
"""How many steps, and how many symbols are top at each: a bug often lies a few calls below what an issue names."""


def rank(statement: str, symbols: Sequence[Symbol]) -> tuple[Symbol, ...]:
    """Return the symbols with their scores, most relevant first; ties keep the order given."""
    if not symbols:
        return ()
    lexical, named = _lexical(statement, symbols), _named(mentions_of(statement), symbols)
    scores = _spread([a + b for a, b in zip(lexical, named, strict=True)], symbols)
    scored = [s.model_copy(update={"score": round(v, 4)}) for s, v in zip(symbols, scores, strict=True)]
    return tuple(sorted(scored, key=lambda s: -s.score))


def words(text: str) -> list[str]:
    """Return identifiers in lower case, each followed by its parts (snake_case, camelCase)."""
    found = []
    for identifier in IDENTIFIER.findall(text):
        parts = [part.lower() for part in _WORD.findall(identifier)]
        found.append(identifier.lower())
        found.extend(parts if len(parts) > 1 else ())
    return found


def _lexical(statement: str, symbols: Sequence[Symbol]) -> list[float]:
    """Return BM25 scores over names (thrice) and text, scaled so that the best is 1."""
    corpus = [words(f"{s.path} {s.name} {s.name} {s.name}\n{s.source}") for s in symbols]
    index = bm25s.BM25()
    index.index(corpus, show_progress=False)
    known = sorted(set(words(statement)) & {word for document in corpus for word in document})
    if not known:
        return [0.0] * len(symbols)
    scores = [float(score) for score in index.get_scores(known)]
    top = max(scores)
    return [score / top if top > 0 else 0.0 for score in scores]


def _named(mentions: Mentions, symbols: Sequence[Symbol]) -> list[float]:
    """Return the bonus of what the issue names; a name that many symbols bear says less of each."""
    bearers = Counter(s.last_name for s in symbols)
    own = {s.id: mentions.names.get(s.last_name, 0.0) * _weight(s, bearers) for s in symbols}
    scores = []
    for symbol in symbols:
        score = own[symbol.id] + OWNER * own.get(symbol.id.rpartition(".")[0], 0.0)
        score += max((w for name, w in mentions.dotted.items() if _qualifies(name, symbol)), default=0.0)
        lines = [line for path, line in mentions.lines if same_file(path, symbol.path)]
        score += FRAME_LINE * any(symbol.line <= line <= symbol.last_line for line in lines)
        score += PATH * _file_named(mentions, symbol.path)
        scores.append(score)
    return scores


def _weight(symbol: Symbol, bearers: Mapping[str, int]) -> float:
    return (VARIABLE if symbol.kind == "variable" else 1.0) / (1 + math.log(bearers[symbol.last_name]))


def _qualifies(dotted: str, symbol: Symbol) -> bool:
    """Tell whether a dotted name ends in this symbol and agrees with its class or module before it."""
    *owner, last = dotted.split(".")
    if not owner or last != symbol.last_name:
        return False
    place = [*_module(symbol.path).split("."), *symbol.name.split(".")[:-1]]
    return owner[-1] in place


def _file_named(mentions: Mentions, path: str) -> bool:
    module = _module(path)
    return any(same_file(p, path) for p in mentions.paths) or any(
        name == module or name.startswith(module + ".") or module.endswith("." + name) for name in mentions.dotted
    )


def _module(path: str) -> str:
    return path.removesuffix(".py").removesuffix("/__init__").removeprefix("src/").replace("/", ".")


def _spread(scores: list[float], symbols: Sequence[Symbol]) -> list[float]:
    """Pass a share of each top symbol's score on to what it refers to and to what refers to it, step by step."""
    by_name: dict[str, list[int]] = defaultdict(list)
    for index, symbol in enumerate(symbols):
        by_name[symbol.last_name].append(index)
    used = [set(IDENTIFIER.findall(symbol.source)) - {symbol.last_name} for symbol in symbols]
    users: dict[str, list[int]] = defaultdict(list)
    for index, names in enumerate(used):
        for name in names & by_name.keys():
            users[name].append(index)
    total, front = scores, scores
    for _ in range(STEPS):
        gains = [0.0] * len(symbols)
        for top in heapq.nlargest(SEEDS, range(len(symbols)), key=front.__getitem__):
            name = symbols[top].last_name
            shares = [(index, CALLEE / len(by_name[n])) for n in used[top] & by_name.keys() for index in by_name[n]]
            shares += [(index, CALLER / len(by_name[name])) for index in users[name]]
            for index, share in shares:
                if index != top:
                    gains[index] = max(gains[index], share * front[top])
        total = [score + gain for score, gain in zip(total, gains, strict=True)]
        front = gains
    return total
