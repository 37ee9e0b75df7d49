"""Searches a tree for the unmutated function: as its own text, or as its body under another name."""

from __future__ import annotations

import ast
import os
from collections.abc import Iterator, Mapping
from pathlib import Path

from environments.synthesis.cutting import function_node
from environments.synthesis.operators import Module

MIN_BODY_LINES = 3
"""A shorter body proves nothing: ``return self.value`` stands everywhere."""


def holds_original(tree: Path, changes: Mapping[str, bytes], source: bytes, symbol: str) -> bool:
    """Say whether some file of a tree, its ``changes`` applied, holds the original text of ``symbol``.

    Compared without indentation and blank lines, so that a copy in a class, a document or a patch is found too.
    """
    needles = original_texts(source, symbol)
    return any(needle in flat(text) for text in _texts(tree, changes) for needle in needles)


def original_texts(source: bytes, symbol: str) -> list[bytes]:
    """Return what to search for: the whole function, and its body where that is long enough to be telling."""
    module, node = Module(source), function_node(source, symbol)
    body = node.body[1:] if ast.get_docstring(node) is not None else node.body
    if not body:
        return []
    end = module.span(body[-1])[1]
    whole = flat(source[module.span(node)[0] : end])
    inner = flat(source[module.span(body[0])[0] : end])
    return [whole, inner] if inner.count(b"\n") + 1 >= MIN_BODY_LINES else [whole]


def flat(text: bytes) -> bytes:
    """Return a text without indentation, blank lines and line-end differences."""
    return b"\n".join(line for line in (line.strip() for line in text.splitlines()) if line)


def _texts(tree: Path, changes: Mapping[str, bytes]) -> Iterator[bytes]:
    for folder, folders, names in os.walk(tree):
        folders[:] = [name for name in folders if name != ".git"]
        for name in names:
            path = Path(folder) / name
            known = changes.get(str(path.relative_to(tree)))
            if known is not None:
                yield known
            elif path.is_file() and not path.is_symlink():
                yield path.read_bytes()
