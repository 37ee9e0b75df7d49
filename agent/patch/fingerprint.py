"""A fingerprint of a change that comments, formatting, docstrings and names of locals do not alter."""

from __future__ import annotations

import ast
import hashlib
from collections.abc import Mapping

from agent.patch.change import Change, ChangedFile
from agent.patch.locals import rename_locals
from agent.patch.tokens import bound_names, logical_tokens, tokens


def syntax_fingerprint(before: Mapping[str, bytes | None], after: Mapping[str, bytes | None]) -> str:
    """Return a hash of what a change leaves of each file's syntax tree.

    Equal for changes of the same base whose results differ in comments, formatting, docstrings and names of local
    variables only. Files whose tree does not change count for nothing. A file that is not Python, or does not
    parse, counts with its bytes.
    """
    digest = hashlib.sha256()
    for path in sorted({*before, *after}):
        old, new = _tree(path, before.get(path)), _tree(path, after.get(path))
        if old != new:
            digest.update(f"{path}\0{len(new)}\0{new}\0".encode(errors="surrogatepass"))
    return digest.hexdigest()[:16]


def change_fingerprint(change: Change) -> str:
    """Return what ``syntax_fingerprint`` does, as far as it can be told without the base; empty without a change.

    Comments, formatting and names that only added lines bind do not count; nor does where in a file a line stands.
    """
    if not change.source:
        return ""
    digest = hashlib.sha256()
    for file in change.source:
        renamed = _local_names(file) if file.path.endswith((".py", ".pyi")) else {}
        for lines in (
            [line for b in file.blocks for line in b.removed],
            [line for b in file.blocks for line in b.added],
        ):
            digest.update(
                "\0".join((file.path, file.kind, *logical_tokens(lines, renamed), "\n")).encode(errors="surrogatepass")
            )
    return digest.hexdigest()[:16]


def _local_names(file: ChangedFile) -> dict[str, str]:
    """Return the names that only added lines hold, and that they bind, with names of one scheme in their place."""
    known = {token for block in file.blocks for line in block.removed for token in tokens(line)}
    fresh = [name for name in bound_names(line for b in file.blocks for line in b.added) if name not in known]
    return {name: f"_{number}" for number, name in enumerate(fresh)}


def _tree(path: str, raw: bytes | None) -> str:
    if raw is None:
        return "absent"
    if path.endswith((".py", ".pyi")):
        try:
            tree = ast.parse(raw)
            for node in ast.walk(tree):
                _strip(node)
            rename_locals(tree)
            return ast.dump(tree)
        except (SyntaxError, ValueError, RecursionError, MemoryError):
            pass  # not this Python's syntax: its bytes stand for it
    return hashlib.sha256(raw.replace(b"\r\n", b"\n")).hexdigest()


def _strip(node: ast.AST) -> None:
    """Remove what does not change the meaning: a docstring, the ``u`` of a string."""
    if isinstance(node, ast.Constant):
        node.kind = None
    if not isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef):
        return
    first = node.body[0] if node.body else None
    if isinstance(first, ast.Expr) and isinstance(first.value, ast.Constant) and isinstance(first.value.value, str):
        node.body = node.body[1:] or [ast.Pass()]
