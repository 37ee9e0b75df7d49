"""What an issue names: identifiers in code, calls, imports, dotted names, traceback frames, files."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

IDENTIFIER = re.compile(r"[A-Za-z_]\w*")

_FENCED = re.compile(r"^(```+|~~~+)[^\n]*\n(.*?)^\1", re.M | re.S)
_INLINE = re.compile(r"`+([^`\n]+)`+")
_PROMPT = re.compile(r"^[ \t]*(?:>>>|\.\.\.|In \[\d+\]:) ?(.*)$", re.M)
_INDENTED = re.compile(r"^(?: {4}|\t)(.*)$", re.M)
_CALL = re.compile(r"\b([A-Za-z_]\w*)\(")
_DOTTED = re.compile(r"\b[A-Za-z_]\w*(?:\.[A-Za-z_]\w*)+")
_IMPORT = re.compile(r"^[^\w\n]*(?:from\s+([\w.]+)\s+import\s+([\w, ()*]+)|import\s+([\w., ]+))", re.M)
_MODULE = re.compile(r"[A-Za-z_][\w.]*")
_FRAME = re.compile(r'File "([^"\n]+)", line (\d+)(?:, in ([\w<>.]+))?')
_PATH = re.compile(r"(?<![\w./\\-])[\w./\\-]+\.py\b")
_PATH_LINE = re.compile(r"(?<![\w./\\-])([\w./\\-]+\.py):(\d+)")
_IDENTIFIER_LIKE = re.compile(r"\b(?:[A-Za-z]+_\w+|_\w+|[A-Z]?[a-z]+[A-Z]\w*)\b")

_OTHER_PATH = re.compile(r"(?<![\w./\\-])[\w./\\-]+\.[A-Za-z]\w{0,9}\b(?!\()|\bMakefile\b|\bDockerfile\b")
_MOST_NAMED = 5
"""Files that are not Python and shown; a name that more of them bear says nothing."""

CALL, IMPORT, FRAME_NAME, DOTTED, CODE, PROSE = 4.0, 3.0, 5.0, 3.0, 2.0, 1.5
"""How strongly each way of naming something points at it; set by hand."""


@dataclass
class Mentions:
    """Names with the weight of their strongest mention, and the places an issue points at."""

    names: dict[str, float] = field(default_factory=dict)
    dotted: dict[str, float] = field(default_factory=dict)
    """Dotted names as written."""
    lines: list[tuple[str, int]] = field(default_factory=list)
    """Traceback frames and ``path.py:line``."""
    paths: set[str] = field(default_factory=set)

    def name(self, name: str, weight: float) -> None:
        """Note a name."""
        self.names[name] = max(weight, self.names.get(name, 0.0))


def mentions_of(statement: str) -> Mentions:
    """Read an issue."""
    mentions = Mentions()
    for code in _code_spans(statement):
        for name in IDENTIFIER.findall(code):
            mentions.name(name, CODE)
    for name in _CALL.findall(statement):
        mentions.name(name, CALL)
    for name in _IDENTIFIER_LIKE.findall(statement):
        mentions.name(name, PROSE)
    for dotted in _DOTTED.findall(statement):
        mentions.dotted[dotted] = DOTTED
        mentions.name(dotted.rsplit(".", 1)[-1], DOTTED)
    for module, names, modules in _IMPORT.findall(statement):
        for name in IDENTIFIER.findall(names):
            mentions.name(name, IMPORT)
        for imported in [module, *modules.split(",")]:
            if found := _MODULE.search(imported):
                mentions.dotted[found[0]] = IMPORT
    for path, line, function in _FRAME.findall(statement):
        mentions.lines.append((path.replace("\\", "/"), int(line)))
        mentions.name(function, FRAME_NAME)
    mentions.lines.extend((path.replace("\\", "/"), int(line)) for path, line in _PATH_LINE.findall(statement))
    mentions.paths.update(path.replace("\\", "/") for path in _PATH.findall(statement))
    return mentions


def named_files(statement: str, files: Mapping[str, bytes]) -> list[str]:
    """Return the tree's files of text that are not Python and that an issue names by a path, at most a few."""
    named = {path.replace("\\", "/").strip("./") for path in _OTHER_PATH.findall(statement)}
    others = [path for path in files if not path.endswith(".py")]
    found = [path for path in others if any(path == one or path.endswith(f"/{one}") for one in named)]
    return [path for path in found[:_MOST_NAMED] if b"\0" not in files[path]] if len(found) <= _MOST_NAMED else []


def same_file(mentioned: str, path: str) -> bool:
    """Tell whether a path of an issue (often absolute, or from site-packages) can be a file of the tree."""
    parts, ours = mentioned.strip("/").split("/"), path.split("/")
    shared = min(len(parts), len(ours))
    return parts[-shared:] == ours[-shared:] and (shared > 1 or len(ours) == 1)


def _code_spans(statement: str) -> Iterator[str]:
    yield from (match[1] for match in _FENCED.findall(statement))
    yield from _INLINE.findall(statement)
    yield from _PROMPT.findall(statement)
    yield from _INDENTED.findall(statement)
