"""How a diff is written down, and nothing of what it changes: the features of the formatting-only control."""

from __future__ import annotations

import re
from statistics import fmean

HEADER = re.compile(r"^@@ -\d+(,\d+)? \+\d+(,\d+)? @@(.*)$")
INDEX = re.compile(r"^index ([0-9a-f]+)\.\.([0-9a-f]+)( \d+)?$", re.MULTILINE)

FEATURES = (
    "blank_first_lines",
    "last_newlines",
    "carriage_returns",
    "prose",
    "git_headers",
    "index_hash",
    "index_mode",
    "prefixes",
    "timestamps",
    "headings",
    "short_ranges",
    "leading_context",
    "trailing_context",
    "last_context",
    "stripped_context",
    "no_newline_notes",
    "blank_between_files",
)


def layout(patch: str) -> tuple[float, ...]:
    """Return FEATURES of a raw diff."""
    lines = patch.split("\n")
    index = INDEX.search(patch)
    first = next((i for i, line in enumerate(lines) if line.startswith(("diff --git", "--- ", "Index: "))), 0)
    names = [line for line in lines if line.startswith(("--- ", "+++ "))]
    headers = [found for line in lines if (found := HEADER.match(line.rstrip("\r")))]
    return (
        float(len(patch) - len(patch.lstrip("\n"))),
        float(len(patch) - len(patch.rstrip("\n"))),
        float("\r\n" in patch),
        float(any(line.strip() for line in lines[:first])),
        _share(len([line for line in lines if line.startswith("diff --git")]), len(names) / 2),
        float(len(index.group(1))) if index else 0.0,
        float(bool(index and index.group(3))),
        _share(sum(line[4:].startswith(("a/", "b/")) for line in names), len(names)),
        _share(sum("\t" in line for line in names), len(names)),
        _share(sum(bool(header.group(3).strip()) for header in headers), len(headers)),
        _share(sum(not header.group(1) or not header.group(2) for header in headers), len(headers)),
        *_context(_hunks(lines)),
        float(patch.count("\\ No newline")),
        _share(len(re.findall(r"\n\ndiff --git", patch)), max(len(names) / 2 - 1, 0)),
    )


def _hunks(lines: list[str]) -> list[list[str]]:
    hunks: list[list[str]] = []
    inside = False
    for line in lines:
        if HEADER.match(line.rstrip("\r")):
            hunks.append([])
            inside = True
        elif line.startswith(("diff --git", "--- ", "Index: ")):
            inside = False
        elif inside:
            hunks[-1].append(line)
    return hunks


def _context(hunks: list[list[str]]) -> tuple[float, float, float, float]:
    """Return mean lines of context before and after a hunk's changes, after the last ones, and the share stripped."""
    if not hunks:
        return 0.0, 0.0, 0.0, 0.0
    leading = [_run(hunk) for hunk in hunks]
    trailing = [_run(hunk[::-1]) for hunk in hunks]
    context = [line for hunk in hunks for line in hunk if not line.startswith(("+", "-", "\\"))]
    stripped = _share(sum(not line.strip("\r") for line in context), len(context))
    return fmean(leading), fmean(trailing), float(trailing[-1]), stripped


def _run(lines: list[str]) -> int:
    return next((i for i, line in enumerate(lines) if line.startswith(("+", "-", "\\"))), len(lines))


def _share(part: float, whole: float) -> float:
    return part / whole if whole else 0.0
