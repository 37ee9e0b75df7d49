"""Every symbol of a tree's files in one row, so that a feature of all of them is one array."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from agent.context.index import Entry, FileIndex, TreeIndex

Array = NDArray[np.float64]
Numbers = NDArray[np.int64]

_PREFIXES = ("src.", "lib.")


@dataclass(frozen=True)
class Candidates:
    """The symbols of a tree, file after file; a feature has one value for each."""

    paths: tuple[str, ...]
    indexes: tuple[FileIndex, ...]
    first: tuple[int, ...]
    """Number of each file's first symbol."""
    entries: tuple[Entry, ...]
    file_of: Numbers
    """Number of each symbol's file."""

    @classmethod
    def of(cls, tree: TreeIndex) -> Candidates:
        """Take the symbols of a tree."""
        indexes = tuple(tree.files.values())
        sizes = [len(index.entries) for index in indexes]
        first = tuple(int(n) for n in np.cumsum([0, *sizes])[:-1])
        entries = tuple(entry for index in indexes for entry in index.entries)
        return cls(tuple(tree.files), indexes, first, entries, np.repeat(np.arange(len(sizes)), sizes))

    def __len__(self) -> int:
        return len(self.entries)

    @cached_property
    def names(self) -> tuple[str, ...]:
        """The defined name of each, alone."""
        return tuple(entry.last_name for entry in self.entries)

    @cached_property
    def bearers(self) -> Counter[str]:
        """How many bear a name."""
        return Counter(self.names)

    @cached_property
    def by_name(self) -> dict[str, list[int]]:
        """Defined name -> numbers of its symbols."""
        found: dict[str, list[int]] = {}
        for number, name in enumerate(self.names):
            found.setdefault(name, []).append(number)
        return found

    @cached_property
    def parents(self) -> Numbers:
        """Number of the symbol around each; -1: none."""
        local = np.array([entry.parent for entry in self.entries], dtype=np.int64)
        offsets = np.array(self.first, dtype=np.int64)[self.file_of] if len(self) else local
        return np.where(local >= 0, local + offsets, -1)

    @cached_property
    def owners(self) -> Numbers:
        """Number of the outermost function around each symbol of a function; else its own."""
        owners = list(range(len(self)))
        for number, parent in enumerate(self.parents.tolist()):
            if parent >= 0 and self.entries[owners[parent]].kind in ("function", "method"):
                owners[number] = owners[parent]
        return np.array(owners, dtype=np.int64)

    @cached_property
    def modules(self) -> tuple[str, ...]:
        """Dotted name of each file."""
        return tuple(module_name(path) for path in self.paths)

    def of_files(self, values: Array) -> Array:
        """Give each symbol the value of its file."""
        return np.asarray(values[self.file_of], dtype=np.float64)

    def of_inner(self, values: Array) -> Array:
        """Give a function the largest value of itself and the symbols inside it."""
        best = values.copy()
        np.maximum.at(best, self.owners, values)
        return best

    def best_of_files(self, values: Array) -> Array:
        """Return each file's largest value of a symbol, 0 at least."""
        best = np.zeros(len(self.paths))
        np.maximum.at(best, self.file_of, values)
        return best


def module_name(path: str) -> str:
    """Return the dotted name under which a file is imported, as far as its path tells."""
    name = path.removesuffix(".py").removesuffix("/__init__").replace("/", ".")
    for prefix in _PREFIXES:
        name = name.removeprefix(prefix)
    return name
