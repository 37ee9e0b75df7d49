"""Texts from outside as Markdown that does nothing: no mention, image, link, HTML, closing keyword or hidden comment.

``inert_text`` shows a text as it is written, ``inert_title`` where Markdown is not read; ``code_block`` fences one.
Phase two does not rely on it: ``publish/texts.py`` looks at whole texts again.
"""

from __future__ import annotations

import html
import re

from environments.text import inert, one_line, readable

_ACTIVE = re.compile(r"([\\`*_\[\]<>#!|~&@$]|^[+=-])")
JOINER = "\u2060"
"""Shows nothing, and breaks what GitHub would make a mention or a link of: it looks for those after Markdown is read,
so that escapes and entities do not stop it."""
_BINDS = re.compile(r"(?i)([@#]|(?<![a-z0-9])GH-|(?:https?|ftp|mailto|www)(?=[:.]))")
SKIPS = re.compile(
    r"(?i)(\[(?!\u2060)(?=[^\[\]]*(?:skip|\bno[\s_-]*c[id]\b))|\bskip(?=[\s_-]*checks?\s*:)|\bno_?(?=ci\*))"
)
"""Where a word begins by which a commit tells GitHub or another CI to check nothing: any bracket with ``skip`` or
``no ci`` in it, ``***NO_CI***``, a trailer ``skip-checks:``."""


def inert_title(text: str, limit: int = 120) -> str:
    """Return one line of plain text for a title or a commit's message: it mentions, links, closes, skips nothing."""
    line = one_line(readable(text), limit)
    for acts in (_BINDS, SKIPS):
        line = acts.sub(lambda found: found[0] + JOINER, line)
    # Cut last: what is written out and joined is longer than it came. The cut may take a joiner away from its mark.
    return line if len(line) <= 2 * limit else line[: 2 * limit] + JOINER


def inert_text(text: str, limit: int = 300) -> str:
    """Return one line that shows as it is written, wherever in Markdown it is put."""
    escaped = _ACTIVE.sub(lambda found: f"&#{ord(found[1])};", inert_title(text, limit))
    return re.sub(r"^(\d+)\.", r"\1&#46;", escaped)


def as_shown(text: str) -> str:
    """Return Markdown that was made inert for GitHub as its reader sees it, safe for a terminal: the signs themselves
    in the place of entities, and no joiners."""
    return inert(html.unescape(text.replace(JOINER, "")))


def code_block(text: str, language: str = "", *, limit: int = 20_000) -> str:
    """Return a text as fenced code that it cannot close; what is over ``limit`` characters is cut, and said so."""
    whole = inert(text)
    shown = whole if len(whole) <= limit else f"{whole[:limit]}\n[{len(whole) - limit:,} characters left out]"
    longest = max((len(run) for run in re.findall(r"`+", shown)), default=0)
    fence = "`" * max(3, longest + 1)
    return f"{fence}{language}\n{shown.rstrip()}\n{fence}"
