"""A fingerprint of a change that comments, formatting, docstrings and names of locals do not alter."""

from __future__ import annotations

import ast
import hashlib
from collections.abc import Iterator, Mapping

from agent.patch.change import Change, ChangedFile
from agent.patch.locals import rename_locals
from agent.patch.statements import local_names, renamed_tokens, statements
from environments.python_source import parse_python


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

    In Python, comments, docstrings in triple quotes, formatting and names that only added lines bind and read do not
    count; in other files, white space. Where in a file a line stands does not count either (see ``same_place``).
    """
    if not change.source:
        return ""
    digest = hashlib.sha256()
    for file in change.source:
        facts = (file.path, file.kind, file.renamed_from or "", file.copied_from or "", str(file.binary))
        for text in (*facts, *(_python_tokens(file) if is_python(file.path) else _words(file)), "\n"):
            digest.update(f"{text}\0".encode(errors="surrogatepass"))
    return digest.hexdigest()[:16]


def is_python(path: str) -> bool:
    """Tell a file of Python by its name."""
    return path.endswith((".py", ".pyi"))


def _python_tokens(file: ChangedFile) -> Iterator[str]:
    removed = [statement for block in file.blocks for statement in statements(block.removed)]
    added = [statement for block in file.blocks for statement in statements(block.added)]
    known = {token for statement in removed for token in statement.tokens}
    fresh = [name for name in local_names(added) if name not in known]
    names = {name: f"_{number}" for number, name in enumerate(fresh)}
    for side in (removed, added):
        for statement in side:
            yield from renamed_tokens(statement, names)
            yield "\n"
        yield "\n\n"


def _words(file: ChangedFile) -> Iterator[str]:
    for block in file.blocks:
        yield from (f"-{word}" for line in block.removed for word in line.split())
        yield from (f"+{word}" for line in block.added for word in line.split())


def _tree(path: str, raw: bytes | None) -> str:
    if raw is None:
        return "absent"
    if path.endswith((".py", ".pyi")):
        try:
            tree = parse_python(raw)
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
