"""Text cut into lines as git and patch cut it: at line feeds alone."""

from __future__ import annotations


def lines_of(text: str) -> list[str]:
    """Return the lines of a text, each with its line feed; the last one may lack it, and joined they are the text.

    ``str.splitlines`` also ends lines at form feeds, lone carriage returns and a dozen other characters, which are part
    of a line to every tool that reads diffs.
    """
    lines = [line + "\n" for line in text.split("\n")]
    lines[-1] = lines[-1][:-1]
    return lines if lines[-1] else lines[:-1]
