"""How relevant each symbol of a tree is to an issue."""

from __future__ import annotations

import re
from collections.abc import Mapping

import numpy as np

from agent.context.file_kinds import file_kind
from agent.context.index import IndexCache, tree_index
from agent.context.index.tree import symbol_of, text_of
from agent.context.mentions import IDENTIFIER
from agent.context.packing import OUTLINE_FILES
from agent.context.relevance import Candidates, scores
from agent.context.relevance.candidates import Numbers
from agent.context.symbols import SCORE_SPAN, Symbol

_WORD = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|\d+")


def rank(
    statement: str, files: Mapping[str, bytes], *, cache: IndexCache | None = None, most: int | None = None
) -> tuple[Symbol, ...]:
    """Return the symbols of a tree's source with their scores, from 1 to 0, most relevant first.

    ``most``: only so many, and all of the files that outlines are made of (a large tree has tens of thousands).

    Tests and caches are left out. Documentation, benchmarks, scripts, set-up files and other projects' code come in
    only where the tree holds nothing else, or the issue names them by their path.
    """
    candidates = Candidates.of(tree_index(files, pool(statement, files), cache))
    found = scores(statement, candidates, files, cache)
    texts: dict[int, bytes] = {}
    ranked = []
    for number in _first(np.argsort(-found, kind="stable"), candidates, most):
        file = int(candidates.file_of[number])
        if file not in texts:
            texts[file] = text_of(files[candidates.paths[file]])
        score = round(max(0.0, 1 + float(found[number]) / SCORE_SPAN), 4)
        ranked.append(symbol_of(candidates.paths[file], texts[file], candidates.entries[number], score))
    return tuple(ranked)


def _first(order: Numbers, candidates: Candidates, most: int | None) -> Numbers:
    """Return the first of symbols in order, and all of the first files."""
    if most is None or most >= len(order):
        return order
    outlined = list(dict.fromkeys(candidates.file_of[order].tolist()))[:OUTLINE_FILES]
    kept = np.isin(candidates.file_of[order], outlined)
    kept[:most] = True
    return order[kept]


def pool(statement: str, files: Mapping[str, bytes]) -> list[str]:
    """Return the Python files whose symbols are ranked."""
    kinds = {path: file_kind(path) for path in files if path.endswith(".py")}
    source = [path for path, kind in kinds.items() if kind == "source"]
    beside = [path for path, kind in kinds.items() if kind == "beside"]
    return source + [path for path in beside if not source or path in statement]


def words(text: str) -> list[str]:
    """Return identifiers in lower case, each followed by its parts (snake_case, camelCase)."""
    found = []
    for identifier in IDENTIFIER.findall(text):
        parts = [part.lower() for part in _WORD.findall(identifier)]
        found.append(identifier.lower())
        found.extend(parts if len(parts) > 1 else ())
    return found
