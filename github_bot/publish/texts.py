"""What a text may do where GitHub renders it: say something, and nothing else.

The texts were made inert where they were written. Here nothing of that is believed: Markdown is parsed, and a text that
would call somebody, load something, close another issue or lead away is refused.
"""

from __future__ import annotations

import re
from html import unescape
from urllib.parse import unquote

from markdown_it import MarkdownIt
from markdown_it.token import Token

from github_bot.wording.inert import JOINER, SKIPS

_CLOSING = r"\b(?:close[sd]?|fix(?:e[sd])?|resolve[sd]?)(?::\s*|\s+)"
_CLOSES = re.compile(_CLOSING + r"(?:([\w./-]*)#|GH-)(\d+)", re.IGNORECASE)
_CLOSES_LINK = re.compile(_CLOSING + r"https?://", re.IGNORECASE)
_MENTION = re.compile(r"(?<![A-Za-z0-9_])@[A-Za-z0-9]")
_ELSEWHERE = re.compile(r"[\w.-]/[\w.-]+[#@][0-9a-f]", re.IGNORECASE)
"""An issue or a commit of another repository, which is told of it."""
_ADDRESS = re.compile(r"(?:(?<![a-z])(?:https?|ftp)://|(?<![a-z0-9])(?:www\.|mailto:|xmpp:))[^\s<]*", re.IGNORECASE)
"""What GitHub makes a link of without any mark; a letter before it is part of another word."""
_FOOTNOTE = re.compile(r"^[ \t]*\[\^[^\]\s]+\]:", re.MULTILINE)
_TAG = re.compile(r"</?(?:details|summary|sub|sup|br|kbd|b|i|em|strong|code|p)(?: open)? ?/?>")
_COMMENT = re.compile(r"<!-- runoff[^<>\n]* -->")
_DRAWN = frozenset({"mermaid", "math", "geojson", "topojson", "stl"})
"""Languages of blocks of code that GitHub does not show but draws, with links of their own."""
_UP = re.compile(r"/\.\.?(?:[/?#]|$)")
_DEEPEST = 12
"""The parser leaves out what is nested over 20 deep, and GitHub does not."""
_PARSER = MarkdownIt("commonmark").enable("table")


def text_problem(text: str, *, issue: int, links: tuple[str, ...]) -> str:
    """Say what a text would do that the bot's may not; empty where it only says something.

    Args:
        text: Markdown.
        issue: the one issue that it may close.
        links: what an address that it leads to must begin with.
    """
    defined: dict[str, object] = {}
    tokens = _PARSER.parse(text, defined)
    if defined.get("references"):
        return "it defines a link apart from where it stands, which leads to another place or hides a footnote"
    for token in tokens:
        for part in (token, *(token.children or ())):
            if problem := _part_problem(part, links):
                return problem
        if problem := _said_problem(_said(token), issue, links):
            return problem
    return ""


def title_problem(title: str, *, issue: int) -> str:
    """Say what a title would do that the bot's may not, as ``text_problem``. It is plain text, and a commit's subject.

    Args:
        title: one line.
        issue: the one issue that it may close.
    """
    if not title.replace(JOINER, "").isprintable():
        return "it holds letters that nobody can see"
    if SKIPS.search(title):
        return "it switches checks off"
    return _said_problem(title, issue, ())


def _part_problem(token: Token, links: tuple[str, ...]) -> str:
    if token.type == "image":
        return "it shows an image"
    if token.type in ("html_inline", "html_block") and "<" in _COMMENT.sub("", _TAG.sub("", token.content)):
        return "it holds HTML"
    if token.type == "link_open" and not _may_lead(str(token.attrGet("href")), links):
        return "it leads to another place"
    if token.type in ("inline", "html_block") and _FOOTNOTE.search(token.content):
        return "it holds a footnote"
    if token.type == "fence" and _DRAWN.intersection(re.findall(r"\w+", unescape(token.info).lower())):
        return "it holds a drawing"
    if token.level > _DEEPEST:
        return "it is nested too deep"
    return ""


def _may_lead(address: str, links: tuple[str, ...]) -> bool:
    return address.startswith("#") or (address.startswith(links) and not _UP.search(unquote(address)))


def _said(token: Token) -> str:
    """Return what a block says outside of code; marks within a line part nothing, as they part nothing for GitHub."""
    if token.type == "html_block":
        return unescape(_TAG.sub("", token.content))
    breaks = {"softbreak": " ", "hardbreak": " ", "code_inline": " ` "}
    said = "".join(
        child.content if child.type == "text" else breaks.get(child.type, "") for child in token.children or ()
    )
    # GitHub strikes out what stands between tildes, one or two.
    return said.replace("~", "")


def _said_problem(said: str, issue: int, links: tuple[str, ...]) -> str:
    if _MENTION.search(said):
        return "it calls somebody by name"
    closed = [(found[1] or "", int(found[2])) for found in _CLOSES.finditer(said)]
    if _CLOSES_LINK.search(said) or any(one != ("", issue) for one in closed):
        return "it closes another issue"
    if any(not _may_lead(found[0], links) for found in _ADDRESS.finditer(said)):
        return "it leads to another place"
    if _ELSEWHERE.search(said):
        return "it tells another repository of it"
    return ""
