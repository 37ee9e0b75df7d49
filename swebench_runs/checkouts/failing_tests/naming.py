"""What a user calls a test, made the id by which pytest knows it.

Taken are pytest's own ids (``tests/test_x.py::Class::test_y[a b]``), files alone, paths below the folder that was
given, absolute paths, and unittest's dotted names (``tests.test_x.Class.test_y``).
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Sequence
from pathlib import Path, PurePosixPath

from agent.patch.paths import is_test_path
from swebench_runs.config.nearest_name import nearest
from swebench_runs.errors import UsageError


def named_test(said: str, root: Path, files: Sequence[str], below: str = "") -> str:
    """Return a test's id. UsageError, in one line, where no file of the tree can be meant.

    Args:
        said: what the user calls it.
        root: the checkout's top.
        files: the tree's, relative to its top.
        below: the folder that the user gave, relative to the top; its files may be named from there.
    """
    if not said.isprintable() or not said.strip():
        raise UsageError(f"--failing-test {said!r}: write it as pytest does, such as tests/test_x.py::test_y")
    path, separator, rest = said.strip().partition("::")
    path = path.replace(os.sep, "/")
    for place in _places(path, root, below):
        if place in files:
            return f"{place}{separator}{rest}" if rest else place
    if not separator and (found := _dotted(path, files)):
        return found
    raise UsageError(f"--failing-test {said}: there is no file {path!r} in {root}{_hint(path, files)}")


def _places(path: str, root: Path, below: str) -> Iterable[str]:
    """Yield what a path may be called in the tree, the likeliest first."""
    given = Path(path)
    if given.is_absolute():
        resolved = given.parent.resolve() / given.name
        if resolved.is_relative_to(root):
            yield resolved.relative_to(root).as_posix()
        return
    yield _normal(path)
    if below:
        yield _normal(f"{below}/{path}")


def _normal(path: str) -> str:
    return os.path.normpath(path).replace(os.sep, "/")


def _dotted(said: str, files: Sequence[str]) -> str:
    """Read unittest's name of a test: module, class, method, each after a dot."""
    parts = said.split(".")
    for end in range(len(parts), 0, -1):
        name = "/".join(parts[:end]) + ".py"
        fitting = [file for file in files if file == name or file.endswith(f"/{name}")]
        if fitting:
            return "::".join([min(fitting, key=len), *parts[end:]])
    return ""


def _hint(path: str, files: Sequence[str]) -> str:
    """Return what may have been meant: the same name elsewhere, else the nearest one."""
    same = [file for file in files if PurePosixPath(file).name == PurePosixPath(path).name]
    return f"; did you mean {min(same, key=len)!r}?" if same else nearest(path, filter(is_test_path, files))
