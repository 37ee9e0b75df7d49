"""An issue taken apart: its title, what it says, code that it shows, and what programs printed.

The parts point at code differently: prose names things loosely, code exactly, a traceback names much that is not at
fault, and its last line is often a text of the faulty function.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

_COMMENT = re.compile(r"<!--.*?(?:-->|\Z)", re.S)
_DETAILS = re.compile(r"</?[a-zA-Z][^>\n]{0,200}>")
_URL = re.compile(r"(?:https?|ftp)://\S+")
_FENCE = re.compile(r"^[ \t]*(`{3,}|~{3,})(.*)$")
_FRAME = re.compile(r'^\s*File "[^"\n]+", line \d+|^[\w./\\-]+\.py:\d+: ')
_OUTPUT = re.compile(
    r"^\s*(?:Traceback \(most recent call last\)|E {2,}\S|(?:[A-Za-z_]\w*\.)*[A-Z]\w*(?:Error|Exception|Warning)\b\s*:"
    r"|\[?\d{4}-\d\d-\d\d|\[?\d\d:\d\d:\d\d|(?:DEBUG|INFO|WARNING|ERROR|CRITICAL)\b|={4,}|-{4,}|platform \w+ --)"
)
_ERROR = re.compile(r"(?<![\w.])(?:[A-Za-z_]\w*\.)*[A-Z]\w*(?:Error|Exception|Warning)\b\s*:\s*(.+)")
_CODE_LINE = re.compile(r"^(?: {4}|\t|\s*(?:>>>|\.\.\.|In \[\d+\]:) )")
_VERSIONS = re.compile(r"^\W*[\w .-]{1,40}\W{1,6}v?\d+(?:\.\d+)+\S*\s*$")
_MOST_CHARACTERS, _MOST_IN_LINE = 200_000, 2000


@dataclass
class IssueParts:
    """The lines of an issue by what they are."""

    title: list[str] = field(default_factory=list)
    prose: list[str] = field(default_factory=list)
    code: list[str] = field(default_factory=list)
    output: list[str] = field(default_factory=list)
    """Tracebacks, logs, listings of versions."""
    messages: list[str] = field(default_factory=list)
    """What errors said, without their names."""

    def texts(self) -> dict[str, str]:
        """Return each part as one text."""
        return {
            "title": "\n".join(self.title),
            "prose": "\n".join(self.prose),
            "code": "\n".join(self.code),
            "output": "\n".join(self.output),
        }


def issue_parts(statement: str) -> IssueParts:
    """Take an issue apart."""
    text = _URL.sub(" ", _DETAILS.sub(" ", _COMMENT.sub("", statement[:_MOST_CHARACTERS])))
    parts = IssueParts()
    for whole, fenced in _lines(text):
        line = whole[:_MOST_IN_LINE]
        if found := _ERROR.search(line):
            parts.messages.append(found[1].strip())
        if not line.strip():
            continue
        if not parts.title and not fenced:
            parts.title.append(line)
        elif _FRAME.search(line) or _OUTPUT.search(line) or _VERSIONS.match(line):
            parts.output.append(line)
        elif fenced or _CODE_LINE.match(line):
            (parts.output if _inside_output(parts, line) else parts.code).append(line)
        else:
            parts.prose.append(line)
    return parts


def _inside_output(parts: IssueParts, line: str) -> bool:
    """Tell whether a line of code is the one that a traceback quotes under a frame."""
    return bool(parts.output) and bool(_FRAME.search(parts.output[-1])) and line.startswith("    ")


def _lines(text: str) -> Iterator[tuple[str, bool]]:
    """Yield each line and whether it stands in a fenced block."""
    fence = ""
    for line in text.splitlines():
        found = _FENCE.match(line)
        if fence:
            if found and found[1].startswith(fence) and not found[2].strip():
                fence = ""
            else:
                yield line, True
        elif found:
            fence = found[1]
        else:
            yield line, False
