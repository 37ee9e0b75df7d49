"""Which files of a tree reach some others by their imports, and in how many steps: by their text, nothing is run."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import PurePosixPath

_IMPORT = re.compile(
    rb"^[ \t]*(?:from[ \t]+(\.*[\w.]*)[ \t]+import[ \t]+(\([^)]*\)|[^\n#;]+)|import[ \t]+([^\n#;]+))", re.MULTILINE
)
_NAME = re.compile(r"[\w.]+")
_MOST_BYTES = 1 << 20
"""Read of a file: what is longer is data."""


def reach(changed: Iterable[str], files: Mapping[str, bytes], python_path: Sequence[str]) -> dict[str, int]:
    """Return the files that import one of ``changed``, at once or through others -> in how many steps; 0: itself.

    ``files``: the tree's Python files; ``python_path``: the folders that imports start from.
    """
    modules = {module: path for path in files for module in _modules(path, python_path)}
    importers = defaultdict(set)
    for path, content in files.items():
        for module in _imported(path, content[:_MOST_BYTES]):
            for name in _and_packages(module):
                if name in modules:
                    importers[modules[name]].add(path)
    found = {path: 0 for path in changed if path in files}
    border = list(found)
    steps = 0
    while border:
        steps += 1
        border = [new for path in border for new in importers[path] if found.setdefault(new, steps) == steps]
        border = list(dict.fromkeys(border))
    return found


def _modules(path: str, python_path: Sequence[str]) -> Iterator[str]:
    """Yield a file's dotted names: from each folder that imports start from, and from the tree's top."""
    for root in dict.fromkeys([*python_path, "."]):
        if PurePosixPath(path).is_relative_to(root):
            yield _dotted(PurePosixPath(path).relative_to(root))


def _dotted(path: PurePosixPath) -> str:
    parts = path.with_suffix("").parts
    return ".".join(parts[:-1] if parts and parts[-1] == "__init__" else parts)


def _imported(path: str, content: bytes) -> Iterator[str]:
    """Yield the dotted names of what a file imports; of names that a module gives, the module's with the name's."""
    for found in _IMPORT.finditer(content):
        origin, names, plain = (part.decode("ascii", errors="replace") if part else "" for part in found.groups())
        if plain:
            yield from (one.strip().partition(" ")[0] for one in plain.split(","))
            continue
        module = _absolute(origin, path)
        yield module
        aliases = (part.strip().partition(" ")[0] for part in names.strip("() \n").split(","))
        yield from (f"{module}.{name}".lstrip(".") for name in aliases if _NAME.fullmatch(name))


def _absolute(origin: str, path: str) -> str:
    """Return a module's dotted name from the tree's top where it is given relative to a file."""
    dots = len(origin) - len(origin.lstrip("."))
    if not dots:
        return origin
    folders = PurePosixPath(path).parts[:-1]
    above = folders[: len(folders) - dots + 1]
    return ".".join([*above, *filter(None, [origin.lstrip(".")])])


def _and_packages(module: str) -> Iterator[str]:
    """Yield a module's name and those of the packages that it lies in: importing it runs them too."""
    parts = module.split(".")
    return (".".join(parts[:end]) for end in range(len(parts), 0, -1))
