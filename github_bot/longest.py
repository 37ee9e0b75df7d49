"""Texts that are longer than GitHub takes, cut so that what stands behind them is shown as if they were whole."""

from __future__ import annotations

from markdown_it import MarkdownIt

LONGEST = 65_536
"""Letters that GitHub takes of a comment."""
_MOST_OPEN = 10
_NOTE = "*The rest is left out: GitHub takes no longer comment.*"
_PARSER = MarkdownIt("commonmark")


def fitted(text: str, most: int) -> str:
    """Return Markdown of at most so many letters: cut at the end of a line, what it opened closed, and said so."""
    if len(text) <= most:
        return text
    start = text[: max(0, most - 300)]
    kept = start.rpartition("\n")[0] or start
    whole = f"{kept}{_closing(kept)}\n\n{_NOTE}"
    return whole if len(whole) <= most else _NOTE


def _closing(text: str) -> str:
    """Return what closes a text's last block of code and its folded parts."""
    tokens = _PARSER.parse(text)
    last, lines = tokens[-1] if tokens else None, text.split("\n")
    is_open = last is not None and last.type == "fence" and lines[-1].strip() != last.markup
    fence = f"\n{last.markup}" if last is not None and is_open else ""
    html = "".join(token.content for token in tokens if token.type == "html_block")
    folded = html.count("<details") - html.count("</details>")
    return fence + "\n\n</details>" * min(max(0, folded), _MOST_OPEN)
