"""What somebody must know of a diff before applying it, where its writer left something out or it was rewritten."""

from __future__ import annotations

from collections.abc import Iterator

from agent.patch.sections import Section, sections
from agent.patch.wrappings import unwrapped

_EMPTY = "e69de29"
"""How the hash begins that git gives to a file of no bytes."""


def remarks(patch: str) -> tuple[str, ...]:
    """Return, each in a clause, why ``appliable(patch)`` may not apply, or not as a whole. Raises PatchError."""
    text = unwrapped(patch)
    found = sections(text)
    told = list[str]()
    if any(map(_is_bare, found)):
        told.append("it has no lines of context: git apply takes it with --unidiff-zero, patch -p1 as it is")
    if lost := [part.path for part in found if _lacks_content(part)]:
        told.append(f"it does not hold the content of {_some(lost)} (write it with git diff --binary)")
    if found and "\r\r\n" not in text and all(line.endswith("\r") for line in text.rstrip("\r\n").split("\n")[:-1]):
        told.append("all its lines ended in CRLF and are handed on ending in LF")
    return tuple(told)


def _is_bare(part: Section) -> bool:
    """Tell that a change within a file shows no line around it, as git diff -U0 writes it."""
    return any(
        (hunk.source_start > 1 or not hunk.source_length) and not any(line.is_context for line in hunk)
        for hunk in (part.parsed if part.before and part.after else ())
    )


def _lacks_content(part: Section) -> bool:
    """Tell a binary file that is only named, and a file that is deleted without saying what it held."""
    if part.hunks or part.binary:
        return False
    hashes: Iterator[str] = (line for line in part.header if line.startswith("index "))
    emptied = part.after is None and not next(hashes, f"index {_EMPTY}").startswith(f"index {_EMPTY}")
    return bool(part.parsed.is_binary_file) or emptied


def _some(names: list[str]) -> str:
    return f"{', '.join(names[:3])}{f' and {len(names) - 3} more' if len(names) > 3 else ''}"
