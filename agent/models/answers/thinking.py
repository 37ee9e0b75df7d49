"""Reasoning that stands in an answer's text: what follows it is the answer.

Some servers leave a model's thoughts in the text, between tags or in a fenced block, without the opening tag (which
their template has put into the prompt) or without the closing one (where the answer was cut while it thought).
"""

from __future__ import annotations

import re

_NAMES = r"(?:\w+:)?(?:think|thinking|thought|thoughts|reasoning)"
_OPENS = re.compile(
    rf"\s*(?:<(?P<tag>{_NAMES})(?:\s[^<>]*)?>|\[(?P<square>{_NAMES})\]|\u25c1(?P<triangle>{_NAMES})\u25b7"
    rf"|(?P<fence>```+){_NAMES}[ \t]*\n|(?P<channel><\|channel>)thought\n)",
    re.IGNORECASE,
)
_EMPTY = re.compile(rf"\s*<{_NAMES}\s*/>", re.IGNORECASE)
_BARE_CLOSE = re.compile(
    rf"^[ \t]*(?:</{_NAMES}>|\[/{_NAMES}\])|(?:</{_NAMES}>|\[/{_NAMES}\])[ \t]*$", re.IGNORECASE | re.MULTILINE
)
"""A closing tag at an end of its line: one that an answer's code quotes has a quotation mark beside it."""
_INNER_BLOCK = re.compile(r"^```\w+[^\n]*\n(?:(?!```)[^\n]*\n)*```[ \t]*$", re.MULTILINE)
"""A fenced block that stands in a fenced thought: what ends it does not end the thought."""
_FINAL_CHANNEL = re.compile(r"<\|channel\|>final\b[^<]*<\|message\|>")
_OTHER_CHANNEL = re.compile(r"\s*(?:<\|start\|>assistant)?<\|channel\|>")
_END = re.compile(r"<\|(?:end|return)\|>\s*$")


def split_thinking(text: str) -> tuple[str, str]:
    """Return a text's answer and the reasoning before it, either of which may be empty.

    An opening tag without its closing one means that all is reasoning.
    """
    if _OTHER_CHANNEL.match(text):
        return _split_channels(text)
    thoughts: list[str] = []
    rest = text
    while (opened := _OPENS.match(rest)) or (opened := _EMPTY.match(rest)):
        inside = rest[opened.end() :]
        if opened.groupdict().get("fence"):
            inside = _INNER_BLOCK.sub(lambda block: " " * len(block[0]), inside)
        closed = re.search(_closing(opened), inside, re.IGNORECASE | re.MULTILINE)
        if not closed:
            return "", "\n".join([*thoughts, rest[opened.end() :].strip()])
        thoughts.append(rest[opened.end() : opened.end() + closed.start()].strip())
        rest = rest[opened.end() + closed.end() :]
    if not thoughts and (bare := _BARE_CLOSE.search(rest)):
        thoughts, rest = [rest[: bare.start()].strip()], rest[bare.end() :]
    return (rest.lstrip("\r\n"), "\n".join(thoughts)) if thoughts else (text, "")


def _closing(opened: re.Match[str]) -> str:
    """Return the pattern of what closes an opened thought."""
    found = opened.groupdict()
    if found.get("tag"):
        return rf"</{re.escape(found['tag'])}>"
    if found.get("square"):
        return rf"\[/{re.escape(found['square'])}\]"
    if found.get("triangle"):
        return rf"\u25c1/{re.escape(found['triangle'])}\u25b7"
    if found.get("fence"):
        return rf"^{found['fence']}[ \t]*$"
    return r"<channel\|>" if found.get("channel") else ""


def _split_channels(text: str) -> tuple[str, str]:
    """Split an answer in OpenAI's harmony format, whose last channel is the final one."""
    finals = list(_FINAL_CHANNEL.finditer(text))
    if not finals:
        return "", text.strip()
    return _END.sub("", text[finals[-1].end() :]), text[: finals[-1].start()].strip()
