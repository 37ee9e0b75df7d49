"""Texts from outside as Markdown that does nothing: no mention, image, link, HTML, closing keyword or hidden comment.

``inert_text`` shows a text as it is written, ``inert_title`` where Markdown is not read; ``code_block`` fences one;
``problem_of`` says what of a whole text that is about to be posted could act, and is what phase two asks.
"""

from __future__ import annotations

import re
from html import unescape

from environments.text import inert, one_line, readable

_ACTIVE = re.compile(r"([\\`*_{}\[\]<>()#+!|~&@$^=-])")
_JOINER = "\u2060"
"""Shows nothing, and breaks what GitHub would make a mention or a link of: it looks for those after Markdown is read,
so that escapes and entities do not stop it."""
_BINDS = re.compile(r"(?i)([@#]|\bGH-|\b(?:https?|ftp|mailto|www)(?=[:.]))")
_MENTION = re.compile(r"(?<![A-Za-z0-9`/_.])@[A-Za-z0-9]")
_IMAGE = re.compile(r"!\[[^\]]*\]|<img\b", re.IGNORECASE)
_HTML = re.compile(r"<(?!/?(?:details|summary|sub)>)(?:/?[a-zA-Z]|!(?!-- runoff:)|\?)")
_CLOSING = re.compile(
    r"(?i)\b(?:close[sd]?|fix(?:e[sd])?|resolve[sd]?)\s*:?\s+"
    r"(?:(?:[\w.-]+/[\w.-]+)?#|GH-|https?://\S+/issues/)(\d+)"
)
_LINK = re.compile(r"(?<!\\)\]\(\s*(?!https://github\.com/)")
_ADDRESS = re.compile(r"(?i)\b(?:https?|ftp)://(?!github\.com/)|\b(?:www\.|mailto:)[a-z0-9]")
_FENCE = re.compile(r"^( {0,3})(`{3,})[^\n`]*\n.*?^\1?\2`*[ \t]*$", re.MULTILINE | re.DOTALL)
_SPAN = re.compile(r"(?<!`)(`+)(?!`)[^\n]*?(?<!`)\1(?!`)")


def inert_title(text: str, limit: int = 120) -> str:
    """Return one line of plain text for a title or a commit's message: it mentions, links and closes nothing."""
    return _BINDS.sub(lambda found: found[0] + _JOINER, one_line(readable(text), limit))


def inert_text(text: str, limit: int = 300) -> str:
    """Return one line that shows as it is written, wherever in Markdown it is put."""
    escaped = _ACTIVE.sub(lambda found: f"&#{ord(found[1])};", inert_title(text, limit))
    return re.sub(r"^(\d+)\.", r"\1&#46;", escaped)


def code_block(text: str, language: str = "", *, limit: int = 20_000) -> str:
    """Return a text as fenced code that it cannot close; what is over ``limit`` characters is cut, and said so."""
    shown = inert(text if len(text) <= limit else f"{text[:limit]}\n[{len(text) - limit:,} characters left out]")
    longest = max((len(run) for run in re.findall(r"`+", shown)), default=0)
    fence = "`" * max(3, longest + 1)
    return f"{fence}{language}\n{shown.rstrip()}\n{fence}"


def problem_of(markdown: str, issue: int) -> str | None:
    """Say what in a text that is to be posted could act; None for one that only shows.

    Code is left aside: GitHub makes nothing of it. ``issue``: the one number that ``Fixes`` may name.
    """
    prose = _SPAN.sub("", _FENCE.sub("", markdown))
    shown = unescape(prose)  # GitHub looks for mentions and addresses in what the page shows
    for pattern, text, what in (
        (_MENTION, shown, "a mention"),
        (_IMAGE, prose, "an image"),
        (_HTML, prose, "HTML"),
        (_LINK, prose, "a link that leads away from GitHub"),
        (_ADDRESS, shown, "an address that is not GitHub's"),
    ):
        if found := pattern.search(text):
            return f"{what} ({one_line(text[found.start() : found.start() + 40])!r})"
    others = [number for number in _CLOSING.findall(shown) if int(number) != issue]
    return f"a word that would close issue {others[0]}" if others else None
