"""Reasoning that stands in an answer's text: what follows it is the answer.

Some servers leave a model's thoughts in the text, between tags, without the opening tag (which their template has
put into the prompt) or without the closing one (where the answer was cut while it thought).
"""

from __future__ import annotations

import re

_TAGS = r"(?:think|thinking|thought|thoughts|reasoning)"
_OPENS = re.compile(rf"\s*<({_TAGS})>", re.IGNORECASE)
_BARE_CLOSE = re.compile(rf"^[ \t]*</{_TAGS}>|</{_TAGS}>[ \t]*$", re.IGNORECASE | re.MULTILINE)
"""A closing tag at an end of its line: one that an answer's code quotes has a quotation mark beside it."""


def split_thinking(text: str) -> tuple[str, str]:
    """Return a text's answer and the reasoning before it, either of which may be empty.

    An opening tag without its closing one means that all is reasoning.
    """
    thoughts: list[str] = []
    rest = text
    while opened := _OPENS.match(rest):
        closed = re.search(rf"</{opened[1]}>", rest[opened.end() :], re.IGNORECASE)
        if not closed:
            return "", "\n".join([*thoughts, rest[opened.end() :].strip()])
        thoughts.append(rest[opened.end() : opened.end() + closed.start()].strip())
        rest = rest[opened.end() + closed.end() :]
    if not thoughts and (bare := _BARE_CLOSE.search(rest)):
        thoughts, rest = [rest[: bare.start()].strip()], rest[bare.end() :]
    return (rest.lstrip("\r\n"), "\n".join(thoughts)) if thoughts else (text, "")
