"""One candidate's change as bags and sets that can be compared. Context, comments and formatting have no part in it."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from functools import cached_property, lru_cache

from agent.patch import ChangedFile, PatchError, read_change
from agent.patch.tokens import is_comment, is_identifier, words

NEIGHBOURHOOD = 1
"""Lines around a block that count as touched: an insertion has no line of its own."""


@dataclass(frozen=True)
class Shape:
    """What a change of the source removes and adds."""

    files: tuple[ChangedFile, ...]
    removed: Counter[str]
    """Words of the removed lines."""
    added: Counter[str]
    paths: frozenset[str]
    places: frozenset[tuple[str, int]]
    """(path, line before the change) of what is touched."""
    lines: frozenset[str]
    """Added lines of code that say something, stripped."""

    @cached_property
    def net_removed(self) -> Counter[str]:
        """Words removed and not added again."""
        return self.removed - self.added

    @cached_property
    def net_added(self) -> Counter[str]:
        """Words added that were not there."""
        return self.added - self.removed

    @cached_property
    def new_names(self) -> frozenset[str]:
        """Identifiers among the net added words."""
        return frozenset(filter(is_identifier, self.net_added))

    @cached_property
    def added_lines(self) -> tuple[str, ...]:
        """All added lines that are not blank."""
        return tuple(line for file in self.files for block in file.blocks for line in block.added if line.strip())

    @cached_property
    def removed_lines(self) -> tuple[str, ...]:
        """All removed lines that are not blank."""
        return tuple(line for file in self.files for block in file.blocks for line in block.removed if line.strip())


@lru_cache(maxsize=4096)
def view(patch: str) -> Shape:
    """Read a candidate's patch; one that cannot be read changes nothing here, and so agrees with nobody."""
    try:
        files = read_change(patch).source
    except PatchError:
        files = ()
    removed = [line for file in files for block in file.blocks for line in block.removed]
    added = [line for file in files for block in file.blocks for line in block.added]
    return Shape(
        files=files,
        removed=Counter(word for line in removed for word in words(line)),
        added=Counter(word for line in added for word in words(line)),
        paths=frozenset(file.path for file in files),
        places=frozenset(_places(files)),
        lines=frozenset(line.strip() for line in added if len(line.strip()) > 3 and not is_comment(line)),
    )


def _places(files: tuple[ChangedFile, ...]) -> set[tuple[str, int]]:
    return {
        (file.path, line)
        for file in files
        for block in file.blocks
        for line in range(block.line - NEIGHBOURHOOD, block.line + max(len(block.removed), 1) + NEIGHBOURHOOD)
    }
