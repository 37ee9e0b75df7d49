"""Files and symbols that a model names in its answers; what the tree has not is dropped, and counted."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field

from agent.context.symbols import Symbol

_NAME = re.compile(r"([\w./\\+-]+\.py)\b(?:::?`?([A-Za-z_][\w.#]*))?")
_MOST_CHARACTERS, _MOST_NAMES = 40_000, 200


@dataclass
class Places:
    """What answers have named so far, each once, in their order."""

    files: list[str] = field(default_factory=list)
    symbols: list[str] = field(default_factory=list)
    dropped: int = 0
    unread: int = 0
    """Answers that named nothing at all."""

    def read(self, answer: str, known: Collection[str], symbols: Mapping[str, Sequence[Symbol]]) -> None:
        """Add what an answer names; ``known``: the paths there are, ``symbols``: those of each."""
        names = _NAME.findall(answer[:_MOST_CHARACTERS])[:_MOST_NAMES]
        self.unread += not names
        for written, name in names:
            path = path_named(written, known)
            symbol = symbol_named(name, symbols.get(path, ())) if path and name else None
            self.dropped += path is None or bool(name and symbol is None)
            if path and path not in self.files:
                self.files.append(path)
            if symbol and symbol.id not in self.symbols:
                self.symbols.append(symbol.id)


def path_named(written: str, known: Collection[str]) -> str | None:
    """Return the path that is meant: as it is written, or the only one that ends so; None without any."""
    path = written.replace("\\", "/").lstrip("./")
    if path in known:
        return path
    if inside := [one for one in known if path.endswith(f"/{one}")]:
        return max(inside, key=len)
    ending = [one for one in known if one.endswith(f"/{path}")]
    return ending[0] if len(ending) == 1 else None


def symbol_named(name: str, symbols: Sequence[Symbol]) -> Symbol | None:
    """Return the symbol that is meant: by its whole name, or the only one whose name ends so; None without any."""
    name = name.rstrip(".")
    for symbol in symbols:
        if symbol.name == name:
            return symbol
    ending = [symbol for symbol in symbols if symbol.name.endswith(f".{name}")]
    return ending[0] if len(ending) == 1 else None
