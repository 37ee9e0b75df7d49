"""What a text may do where GitHub renders it: say something, and nothing else.

The texts were made inert where they were written. Here nothing of that is believed: Markdown is parsed, and a text that
would call somebody, load something, close another issue or lead away is refused.
"""

from __future__ import annotations

import re

from markdown_it import MarkdownIt
from markdown_it.token import Token

_CLOSES = re.compile(r"\b(?:close[sd]?|fix(?:e[sd])?|resolve[sd]?):?\s+([\w./-]*)#(\d+)", re.IGNORECASE)
_CLOSES_LINK = re.compile(r"\b(?:close[sd]?|fix(?:e[sd])?|resolve[sd]?):?\s+https?://\S*/issues/", re.IGNORECASE)
_MENTION = re.compile(r"(?<![\w`/.@-])@[A-Za-z0-9]")
_TAG = re.compile(r"</?(?:details|summary|sub|sup|br|kbd|b|i|em|strong|code|p)(?: open)? ?/?>")
_COMMENT = re.compile(r"<!-- runoff[^<>\n]* -->")
_PARSER = MarkdownIt("commonmark").enable("table")


def text_problem(text: str, *, issue: int, links: tuple[str, ...]) -> str:
    """Say what a text would do that the bot's may not; empty where it only says something.

    Args:
        text: Markdown.
        issue: the one issue that it may close.
        links: what an address that it leads to must begin with.
    """
    for token in _PARSER.parse(text):
        for part in (token, *(token.children or ())):
            if problem := _part_problem(part, links):
                return problem
        if problem := _said_problem(_said(token), issue):
            return problem
    return ""


def _part_problem(token: Token, links: tuple[str, ...]) -> str:
    if token.type == "image":
        return "it shows an image"
    if token.type in ("html_inline", "html_block") and "<" in _COMMENT.sub("", _TAG.sub("", token.content)):
        return "it holds HTML"
    if token.type == "link_open" and not str(token.attrGet("href")).startswith((*links, "#")):
        return "it leads to another place"
    return ""


def _said(token: Token) -> str:
    """Return what a block says outside of code; marks within a line part nothing, as they part nothing for GitHub."""
    if token.type == "html_block":
        return token.content
    breaks = {"softbreak": " ", "hardbreak": " ", "code_inline": " ` "}
    return "".join(
        child.content if child.type == "text" else breaks.get(child.type, "") for child in token.children or ()
    )


def _said_problem(said: str, issue: int) -> str:
    if _MENTION.search(said):
        return "it calls somebody by name"
    closed = [(found[1], int(found[2])) for found in _CLOSES.finditer(said)]
    if _CLOSES_LINK.search(said) or any(one != ("", issue) for one in closed):
        return "it closes another issue"
    return ""
