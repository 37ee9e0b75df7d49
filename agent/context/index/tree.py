"""The indexes of all files of a tree that can be shown as symbols."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from agent.context.index.cache import IndexCache, digest
from agent.context.index.file_index import Entry, FileIndex, index_file
from agent.context.source import SourceText
from agent.context.symbols import Symbol


@dataclass(frozen=True)
class TreeIndex:
    """A tree's files, by path, in order of their paths."""

    files: Mapping[str, FileIndex]
    made: int
    """How many had to be read: the others were in the cache."""


def tree_index(files: Mapping[str, bytes], paths: Iterable[str], cache: IndexCache | None = None) -> TreeIndex:
    """Index files of a tree, those that the cache knows without reading them."""
    keys = {path: digest(files[path]) for path in sorted(paths)}
    known = cache.read(dict.fromkeys(keys.values())) if cache else {}
    fresh: dict[bytes, FileIndex] = {}
    for path, key in keys.items():
        if key not in known:
            known[key] = fresh[key] = index_file(files[path])
    if cache:
        cache.write(fresh)
    return TreeIndex({path: known[key] for path, key in keys.items()}, len(fresh))


def read_ahead(files: Mapping[str, bytes], paths: Iterable[str], cache: IndexCache) -> int:
    """Read the files that the cache does not know, and nothing else; return how many."""
    keys = {digest(files[path]): path for path in paths}
    fresh = {key: index_file(files[keys[key]]) for key in cache.lacks(keys)}
    cache.write(fresh)
    return len(fresh)


def symbol_of(path: str, data: bytes, entry: Entry, score: float = 0.0) -> Symbol:
    """Return a symbol with its text. ``data``: the file's text as UTF-8 (see ``text_of``)."""
    return Symbol.model_construct(
        path=path,
        name=entry.name,
        kind=entry.kind,
        start=entry.start,
        end=entry.end,
        line=entry.line,
        source=_plain(data[entry.start : entry.end]),
        signature=entry.signature,
        header=_plain(data[entry.start : entry.name_end]),
        score=score,
    )


def text_of(raw: bytes) -> bytes:
    """Return a file's text as UTF-8, which entries' offsets count in."""
    return SourceText.of(raw).text.encode()


def _plain(data: bytes) -> str:
    return data.decode(errors="replace").replace("\r\n", "\n")
