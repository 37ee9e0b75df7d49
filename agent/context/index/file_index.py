"""One file's symbols, the words of each, and what it imports: all that ranking reads of it, whatever its path."""

from __future__ import annotations

import bisect
import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, NamedTuple, cast

from tree_sitter import Node

from agent.context.source import SourceText
from agent.context.symbols import Symbol, SymbolKind, definitions, parse

FORMAT = 1
"""Raise it with every change of what is kept of a file: what was kept before is then read no more."""

_IDENTIFIER = re.compile(rb"[A-Za-z_]\w*")
_IMPORTS = {"import_statement", "import_from_statement"}
_LONGEST_WORD = 80
_KINDS = ("function", "method", "class", "variable")


class Entry(NamedTuple):
    """A symbol without its text."""

    name: str
    kind: SymbolKind
    start: int
    end: int
    name_end: int
    """Offset after the defined name: the symbol's header ends there."""
    line: int
    last_line: int
    signature: str
    parent: int
    """Place of the innermost symbol around it; -1: none."""

    @property
    def last_name(self) -> str:
        """The defined name alone."""
        return self.name.rsplit(".", 1)[-1].partition("#")[0]


class Imported(NamedTuple):
    """A name that a file imports."""

    level: int
    """Leading dots."""
    module: str
    name: str
    """``""``: the module itself; ``*``: all."""


@dataclass(frozen=True, slots=True)
class FileIndex:
    """What is kept of a file."""

    entries: tuple[Entry, ...]
    words: dict[str, str]
    """Identifier (and word of a docstring) -> where it stands, as ``postings`` reads it: few are ever asked for."""
    imports: tuple[Imported, ...]

    def postings(self, word: str) -> list[tuple[int, int]]:
        """Return the places where a word stands, and how often.

        A place is twice the number of the innermost symbol, from 1, and one more within its docstring; 0 and 1 are the
        module's own.
        """
        numbers = [int(number) for number in self.words.get(word, "").split()]
        return list(zip(numbers[::2], numbers[1::2], strict=True))

    def dump(self) -> bytes:
        """Return it as bytes."""
        entries = [[*entry[:1], _KINDS.index(entry.kind), *entry[2:]] for entry in self.entries]
        return json.dumps([FORMAT, entries, self.words, self.imports], separators=(",", ":")).encode()

    @classmethod
    def load(cls, data: bytes) -> FileIndex:
        """Read it back. Raises ValueError for anything else."""
        try:
            number, entries, words, imports = json.loads(data)
            if number != FORMAT or not isinstance(words, dict):
                raise ValueError(f"kept in form {number}, not {FORMAT}")
            return cls(tuple(map(_entry, entries)), words, tuple(Imported(*one) for one in imports))
        except (TypeError, IndexError, AttributeError, RecursionError) as error:
            raise ValueError(f"no index of a file: {error}") from error


def _entry(kept: list[Any]) -> Entry:
    name, kind, *rest = kept
    return Entry(name, cast(SymbolKind, _KINDS[kind]), *rest)


def index_file(raw: bytes) -> FileIndex:
    """Read a file."""
    data = SourceText.of(raw).text.encode()
    root = parse(data)
    found = definitions("", data, root)
    entries: list[Entry] = []
    open_ones: list[int] = []
    for symbol, _ in found:
        while open_ones and entries[open_ones[-1]].end < symbol.end:
            open_ones.pop()
        entries.append(_entry_of(symbol, open_ones[-1] if open_ones else -1))
        open_ones.append(len(entries) - 1)
    docstrings = [span for place, (_, body) in enumerate(found) for span in _docstring(body, 2 * place + 3)]
    docstrings += _docstring(root, 1)
    return FileIndex(tuple(entries), _words(data, entries, docstrings), tuple(_imports(data, root)))


def _entry_of(symbol: Symbol, parent: int) -> Entry:
    return Entry(
        symbol.name,
        symbol.kind,
        symbol.start,
        symbol.end,
        symbol.start + len(symbol.header.encode()),
        symbol.line,
        symbol.last_line,
        symbol.signature,
        parent,
    )


def _docstring(body: Node | None, place: int) -> Iterator[tuple[int, int, int]]:
    """Yield where a docstring begins and ends, and its place."""
    first = next((node for node in body.named_children if node.type != "comment"), None) if body is not None else None
    if first is not None and first.type == "expression_statement" and first.named_children[0].type == "string":
        yield first.start_byte, first.end_byte, place


def _words(data: bytes, entries: list[Entry], docstrings: list[tuple[int, int, int]]) -> dict[str, str]:
    """Count each identifier at the innermost place around it."""
    starts, places = _borders(entries, docstrings, len(data))
    counts: dict[bytes, dict[int, int]] = {}
    for match in _IDENTIFIER.finditer(data):
        word = match[0]
        if len(word) > _LONGEST_WORD or len(word) < 2:
            continue
        place = places[bisect.bisect_right(starts, match.start()) - 1]
        own = counts.setdefault(word, {})
        own[place] = own.get(place, 0) + 1
    return {word.decode(): " ".join(f"{place} {count}" for place, count in own.items()) for word, own in counts.items()}


def _borders(entries: list[Entry], docstrings: list[tuple[int, int, int]], size: int) -> tuple[list[int], list[int]]:
    """Cut a file into stretches that have one innermost place: where each begins, and its place."""
    spans = [(0, size, 0), *((e.start, e.end, 2 * number + 2) for number, e in enumerate(entries)), *docstrings]
    spans.sort(key=lambda span: (span[0], -span[1]))
    starts, places = [0], [0]
    around: list[tuple[int, int]] = []
    for start, end, place in spans:
        while around and around[-1][0] <= start:
            closed, _ = around.pop()
            starts.append(closed)
            places.append(around[-1][1] if around else 0)
        around.append((end, place))
        starts.append(start)
        places.append(place)
    while around:
        closed, _ = around.pop()
        starts.append(closed)
        places.append(around[-1][1] if around else 0)
    return starts, places


def _imports(data: bytes, root: Node) -> Iterator[Imported]:
    """Yield what import statements at any depth of conditions and functions name, each once."""
    seen: set[Imported] = set()
    stack = [root]
    while stack:
        node = stack.pop()
        if node.type in _IMPORTS:
            for one in _named(data, node):
                if one not in seen:
                    seen.add(one)
                    yield one
        elif node.type.endswith(("statement", "clause", "definition")) or node.type in {"module", "block"}:
            stack.extend(reversed(node.named_children))


def _named(data: bytes, node: Node) -> Iterator[Imported]:
    names = [child.child_by_field_name("name") or child for child in node.children_by_field_name("name")]
    written = [data[one.start_byte : one.end_byte].decode(errors="replace") for one in names]
    module_node = node.child_by_field_name("module_name")
    if module_node is None:
        yield from (Imported(0, one, "") for one in written)
        return
    text = data[module_node.start_byte : module_node.end_byte].decode(errors="replace")
    module = text.lstrip(".")
    star = any(child.type == "wildcard_import" for child in node.named_children)
    yield from (Imported(len(text) - len(module), module, one) for one in ([*written, "*"] if star else written))
