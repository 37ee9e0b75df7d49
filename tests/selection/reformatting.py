"""The same diff as another tool, or another system, would have written it."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from hypothesis import strategies as st

from agent.patch.cutting import Hunk, Part, parts

_NUMBERS = re.compile(r"@@ -(\d+)(?:,(\d+))? \+(\d+)(?:,(\d+))? @@")


@dataclass(frozen=True)
class Style:
    """How a diff is written down."""

    index: str = "keep"
    """Index lines: keep, drop or fake."""
    heading: str = ""
    """The text after the second @@ of a hunk."""
    context: int = 3
    """At most so many unchanged lines around a change."""
    prefixes: tuple[str, str] = ("a/", "b/")
    plain: bool = False
    """No header of git's, where the diff can do without."""
    end: str = "\n"
    crlf: bool = False


styles = st.builds(
    Style,
    index=st.sampled_from(["keep", "drop", "fake"]),
    heading=st.sampled_from(["", "def f(x):", "class A: # @@ -1 +1 @@"]),
    context=st.integers(0, 3),
    prefixes=st.sampled_from([("a/", "b/"), ("", ""), ("i/", "w/"), ("old/", "new/")]),
    plain=st.booleans(),
    end=st.sampled_from(["", "\n", "\n\n\n"]),
    crlf=st.booleans(),
)


def reformatted(patch: str, style: Style) -> str:
    """Write a diff of git (with its usual prefixes) in another style; the change stays the same."""
    files = parts(patch.removesuffix("\n").split("\n"))
    lines = [line for part in files for line in _file(part, style)]
    text = "\n".join(lines).rstrip("\n") + style.end
    return text.replace("\n", "\r\n") if style.crlf else text


def _file(part: Part, style: Style) -> Iterator[str]:
    old, new = style.prefixes
    special = any(re.match("new|deleted|rename|old mode|GIT binary|Binary", line) for line in part.header)
    plain = style.plain and not special and bool(part.hunks) and part.is_git
    for line in part.header:
        if line.startswith("diff --git a/"):
            name = line[len("diff --git a/") : len("diff --git a/") + (len(line) - len("diff --git a/ b/")) // 2]
            renamed = f"diff --git a/{name} b/{name}" != line
            line = line if renamed else f"diff --git {old}{name} {new}{name}"
            if not plain:
                yield line
        elif line.startswith("index "):
            if style.index != "drop" and not plain:
                yield line if style.index == "keep" else "index 0123abc..4567def 100644"
        elif line.startswith(("--- a/", "+++ b/")) and not any("rename" in other for other in part.header):
            yield line[:4] + (old if line[0] == "-" else new) + line[6:]
        else:
            yield line
    yield from part.binary
    yield from _hunks(part.hunks, style.heading, max(style.context, 1) if plain else style.context)


def _hunks(hunks: Sequence[Hunk], heading: str, context: int) -> Iterator[str]:
    for hunk in hunks:
        match = _NUMBERS.match(hunk.head)
        assert match
        old = int(match[1]) + (match[2] == "0")
        new = int(match[3]) + (match[4] == "0")
        yield from _cut(list(hunk.lines), old, new, heading, context)


def _cut(body: list[str], old: int, new: int, heading: str, context: int) -> Iterator[str]:
    changed = [number for number, line in enumerate(body) if line[:1] in ("+", "-")]
    shown = {number + by for number in changed for by in range(-context, context + 1)}
    hunk: list[str] = []
    start = (old, new)
    for number, line in enumerate(body):
        if line.startswith("\\"):
            if hunk:
                hunk.append(line)
            continue
        if number in shown:
            if not hunk:
                start = (old, new)
            hunk.append(line)
        elif hunk:
            yield from _hunk(hunk, *start, heading)
            hunk = []
        old += line[:1] != "+"
        new += line[:1] != "-"
    if hunk:
        yield from _hunk(hunk, *start, heading)


def _hunk(body: list[str], old: int, new: int, heading: str) -> Iterator[str]:
    lengths = [sum(line[:1] not in (other, "\\") for line in body) for other in "+-"]
    ranges = (f"{start - (not length)},{length}" for start, length in zip((old, new), lengths, strict=True))
    yield "@@ -{} +{} @@".format(*ranges) + (f" {heading}" if heading else "")
    yield from body
