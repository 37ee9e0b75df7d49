"""Interactive sessions, of Python's own prompt and of IPython's, taken apart into steps."""

from __future__ import annotations

import re
from dataclasses import dataclass

_PROMPT = re.compile(r"^\s*(?:>>> ?|In ?\[\d+\]: ?)(.*)$")
_MORE = re.compile(r"^\s*(?:\.\.\.(?: |$)|\.{3,}: ?)(.*)$")
MAX_LINES = 400
"""Lines of one session that are looked at."""

_REMARK = re.compile(r"\s+(?:<-+|←)\s*(.*)$")
"""A remark drawn with an arrow, which is no Python: ``>>> f(1)  <--- this is wrong``."""
_OUT = re.compile(r"^\s*Out ?\[\d+\]: ?")


@dataclass(frozen=True)
class Step:
    """What was typed at one prompt and what was shown for it."""

    source: str
    output: str


def session_steps(text: str) -> list[Step]:
    """Return a session's steps in order; what stands before the first prompt is dropped."""
    steps: list[tuple[list[str], list[str]]] = []
    for line in text.splitlines()[:MAX_LINES]:
        prompt, more = _PROMPT.match(line), _MORE.match(line)
        if prompt:
            steps.append(([_REMARK.sub(r"  # \1", prompt[1])], []))
        elif steps and more and not steps[-1][1]:
            steps[-1][0].append(more[1])
        elif steps:
            steps[-1][1].append(_OUT.sub("", line))
    return [Step("\n".join(source).rstrip(), "\n".join(output).strip()) for source, output in steps]
