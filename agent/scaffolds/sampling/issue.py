"""An issue and an output, as far as a short prompt has room for them."""

from __future__ import annotations

import re

from agent.scaffolds.both_sides import clipped

_ISSUE_CHARACTERS = 500


def brief(issue: str) -> str:
    """Return an issue's head without its blank lines, at most so much as a short prompt has room for."""
    lines = [line.rstrip() for line in issue.replace("\r\n", "\n").split("\n")]
    text = "\n".join(line for line in lines if line.strip() and not re.fullmatch(r"\s*`{3,}\w*", line))
    return clipped(text, _ISSUE_CHARACTERS)


def last_words(output: str, limit: int) -> str:
    """Return the last lines of an output."""
    kept: list[str] = []
    for line in reversed(output.strip().split("\n")):
        if sum(map(len, kept)) + len(line) > limit:
            break
        kept.append(line)
    return "\n".join(reversed(kept))
