"""A Markdown text from outside without what a reader of the page would not see, and without images."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass

from environments.text import readable

_PART = re.compile(
    r"(?P<hidden><!--.*?(?:-->|\Z))"
    r"|(?P<fence>^ {0,3}(?P<marks>`{3,}|~{3,})[^\n]*\n.*?(?:^ {0,3}(?P=marks)[`~]*[ \t]*$|\Z))"
    r"|(?P<span>(?<!`)(?P<ticks>`{1,9})(?!`)[^`\n][^\n]*?(?<!`)(?P=ticks)(?!`))",
    re.MULTILINE | re.DOTALL,
)
"""What is looked at first, whichever begins first: hidden comments, which go, and code, which stays."""
_IMAGE = re.compile(
    r"!\[[^\]\n]{0,1000}\](?:\([^)\n]{0,4000}\)|\[[^\]\n]{0,1000}\])|<(?:img|svg|picture|video)\b[^>]{0,8000}>", re.I
)
_TITLE = re.compile(r"""(\]\(\s*<?[^\s)>]{1,4000}>?)\s+(?:"[^"\n]{0,2000}"|'[^'\n]{0,2000}'|\([^)\n]{0,2000}\))\s*\)""")
_ATTRIBUTE = re.compile(
    r"""\s(?:alt|title|aria-\w+|data-[\w-]+|placeholder|style|hidden)(?:\s*=\s*(?:"[^"]*"|'[^']*'|[^\s>]+))?""", re.I
)
_TAG = re.compile(r"<[a-zA-Z][^<>]{0,8000}>")
_REFERENCE = re.compile(r"^ {0,3}\[[^\]\n]{1,1000}\]:[^\n]*\n?", re.MULTILINE)
_INVISIBLE = ("Cf", "Co", "Cn", "Cs")
"""Categories of characters that show nothing: formats (zero width, tags, direction), private and unassigned ones."""
_FILLERS = "\u115f\u1160\u3164\uffa0\u2800\u034f\u17b4\u17b5"
"""Letters by their category that show nothing."""


@dataclass(frozen=True)
class Visible:
    """What is left of a text."""

    text: str
    images: int = 0
    """Images that were left out."""


def visible(markdown: str) -> Visible:
    """Return what a person reads on the page; in code everything that shows stays as it is."""
    text = "".join(map(_shows, readable(markdown)))
    parts: list[str] = []
    images = end = 0
    for part in _PART.finditer(text):
        prose, found = _prose(text[end : part.start()])
        parts += [prose, part["fence"] or part["span"] or ""]
        images, end = images + found, part.end()
    prose, found = _prose(text[end:])
    return Visible("".join([*parts, prose]).strip(), images + found)


def _shows(character: str) -> str:
    if character in _FILLERS or unicodedata.category(character) in _INVISIBLE:
        return ""
    # Variation selectors carry bytes that nobody sees.
    return "" if "\ufe00" <= character <= "\ufe0f" or "\U000e0100" <= character <= "\U000e01ef" else character


def _prose(text: str) -> tuple[str, int]:
    without, images = _IMAGE.subn("[image left out]", text)
    without = _REFERENCE.sub("", _TITLE.sub(r"\1)", without))
    return _TAG.sub(lambda tag: _ATTRIBUTE.sub("", tag[0]), without), images
