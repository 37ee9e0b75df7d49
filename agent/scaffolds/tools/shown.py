"""What a model is shown of an output: readable whatever its bytes, head and tail where it is long, its size named."""

from __future__ import annotations

import re

from environments.text import readable

LEAST_ROOM = 1500
MOST_ROOM = 10_000
"""Characters of one output."""
_DUMPED = 256
_CUT_BEFORE = re.compile(r"\[\.\.\. (\d+) bytes cut \.\.\.\]")
"""What the sandbox says where it kept an output's head and tail alone."""
_OVERWRITTEN = re.compile(r"[^\n]*\r(?!\n)")
"""What a carriage return has written over: a progress bar's former states."""


def room_for(window: int | None) -> int:
    """Return how many characters of one output a model with this window (in tokens) is shown."""
    return MOST_ROOM if window is None else max(LEAST_ROOM, min(MOST_ROOM, window // 8 * 3))


def shown_output(output: bytes, room: int) -> str:
    """Return an output as text of about ``room`` characters at most."""
    if is_binary(output):
        head = output[:_DUMPED].decode("latin-1").encode("unicode_escape").decode("ascii")
        more = f"\n[{len(output):,} bytes in all, not text; use xxd, od or file to look at it]"
        return f"{head}{more}"
    text = _OVERWRITTEN.sub("", output.decode("utf-8", errors="surrogateescape").replace("\r\n", "\n"))
    return head_and_tail(readable(text).strip("\n"), room)


def is_binary(content: bytes) -> bool:
    """Tell whether these bytes are no text: a NUL among the first of them."""
    return b"\0" in content[:8192]


def head_and_tail(text: str, room: int, advice: str = "narrow it by grep, head, tail or a range") -> str:
    """Return a text of about ``room`` characters: first and last lines where it is longer, what is missing named."""
    if len(text) <= room:
        return text
    half = room // 2
    head, tail = text[:half], text[-half:]
    head = head[: head.rfind("\n") + 1] or head  # whole lines where there are any
    tail = tail[tail.find("\n") + 1 :] if "\n" in tail[:-1] else tail
    middle = text[len(head) : len(text) - len(tail)]
    before = sum(int(number) for number in _CUT_BEFORE.findall(middle))
    lines = "" if before else f" ({text.count(chr(10)) + 1:,} lines in all)"
    mark = f"[... {len(middle) + before:,} of {len(text) + before:,} characters left out{lines}: {advice} ...]"
    return f"{head.rstrip(chr(10))}\n{mark}\n{tail}"
