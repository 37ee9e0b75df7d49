"""Changed lines of one file, cut into blocks in one way, however a diff cut them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class Block:
    """Changed lines with no unchanged line between them; white space at their ends is dropped."""

    line: int
    """Number, in the file before, of the first removed line, or of the line that the added ones come before."""
    removed: tuple[str, ...]
    added: tuple[str, ...]

    @property
    def end(self) -> int:
        """Number, in the file before, of the line after the last removed one."""
        return self.line + len(self.removed)


def distinct_blocks(blocks: Iterable[Block]) -> tuple[Block, ...]:
    """Return the blocks in the order of their lines, each trimmed, and neighbours taken together.

    Trimmed: without the lines at its ends that are removed and added alike. What comes out comes out of itself again.
    """
    result = _once(blocks)
    while (again := _once(result)) != result:
        result = again
    return result


def _once(blocks: Iterable[Block]) -> tuple[Block, ...]:
    chains: list[list[Block]] = []
    trimmed = filter(None, map(_trimmed, blocks))
    for block in sorted(trimmed, key=lambda block: (block.line, bool(block.removed))):
        if chains and chains[-1][-1].end == block.line:
            chains[-1].append(block)
        else:
            chains.append([block])
    return tuple(map(_joined, chains))


def _joined(chain: Sequence[Block]) -> Block:
    removed = tuple(line for block in chain for line in block.removed)
    return Block(chain[0].line, removed, tuple(line for block in chain for line in block.added))


def _trimmed(block: Block) -> Block | None:
    """Return the block without the lines at its ends that are removed and added alike; None where nothing is left."""
    removed, added = block.removed, block.added
    shorter = min(len(removed), len(added))
    head = next((i for i in range(shorter) if removed[i] != added[i]), shorter)
    rest = shorter - head
    tail = next((i for i in range(rest) if removed[-1 - i] != added[-1 - i]), rest)
    kept = removed[head : len(removed) - tail], added[head : len(added) - tail]
    return Block(block.line + head, *kept) if any(kept) else None
