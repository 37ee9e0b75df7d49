"""Python source read by the parser: one at a time, since CPython's counts the depth of all threads in one place.

Two parses that interleave end now and then in ``SystemError: AST constructor recursion depth mismatch``. Nothing is
lost by a lock: the interpreter's own lets no two of them run at the same time either.
"""

from __future__ import annotations

import ast
import threading
import warnings

_parsing = threading.Lock()


def parse_python(source: str | bytes) -> ast.Module:
    """Parse as `ast.parse` does, from any thread; SyntaxError, ValueError, RecursionError, MemoryError.

    What CPython only warns of is nobody's affair here: the source is a repository's or a model's.
    """
    with _parsing, warnings.catch_warnings(action="ignore", category=SyntaxWarning):
        return ast.parse(source)


def check_compiles(tree: ast.Module) -> None:
    """Compile a tree and throw the code away; raises as `compile` does. From any thread."""
    with _parsing, warnings.catch_warnings(action="ignore", category=SyntaxWarning):
        compile(tree, "script", "exec")
