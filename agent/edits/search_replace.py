"""The SEARCH/REPLACE format: whole lines, matched exactly and once, or refused with what the file really says.

All parts of an answer are checked before anything is said: every one that does not fit is told at once, and those
that fit are kept (``EditError.kept``), so that the next answer holds only what was refused.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from agent.context.source import SourceText
from agent.edits.block import Change
from agent.edits.change_reader import FORM, changes_of
from agent.edits.edit import Edit, EditError, NoChange, check_syntax, encoded
from agent.edits.placing import Placed, Placing

_ANEW = re.compile(r"^[*`# ]*START OVER[*`.: ]*$", re.MULTILINE)


def parse_search_replace(answer: str, files: Mapping[str, bytes], kept: Sequence[Change] = ()) -> Edit:
    """Apply the parts of an answer, and what was ``kept`` of the one before, to ``files``, the tree's present files.

    All SEARCH parts are matched against the files as they are, before any block is applied. An empty SEARCH part
    makes a new file. A new part stands above a kept one about the same lines. Raises EditError; nothing is applied.
    """
    anew = _ANEW.search(answer)
    if anew:
        answer, kept = answer[: anew.start()] + answer[anew.end() :], ()
    try:
        changes = changes_of(answer, files)
    except EditError as error:
        raise EditError(error.message_for_model, kept=kept) from None
    if not changes:
        raise EditError(f"No edit found. {FORM}", kept=kept)
    placing = Placing(files)
    refused = placing.take(changes)
    placing.keep(kept)
    if refused:
        raise EditError(_told(refused, len(changes), placing.taken), kept=tuple(placing.taken))
    return _applied(placing, files)


def _applied(placing: Placing, files: Mapping[str, bytes]) -> Edit:
    changed: dict[str, bytes | None] = {}
    problems: dict[str, str] = {}
    for path, placed in placing.by_path().items():
        try:
            after = _after(path, placing.origin(path), placed, files)
            check_syntax(path, files.get(placing.origin(path), b""), after)
        except EditError as error:
            problems[path] = error.message_for_model
            continue
        if after != files.get(path):
            changed[path] = after
    if problems:
        kept = [change for change in placing.taken if getattr(change, "to", change.path) not in problems]
        told = "\n\n".join(problems.values())
        raise EditError(told + (_KEPT if kept else ""), kept=tuple(kept))
    changed |= placing.gone()
    if not changed:
        raise NoChange(" and ".join(placing.by_path()))
    return Edit(files=changed)


_KEPT = (
    "\n\nThe blocks for other files are kept: do not write them again. "
    "(START OVER on a line of its own drops all that is kept.)"
)


def _told(refused: Sequence[str], asked: int, taken: Sequence[Change]) -> str:
    """Say all that was refused, and what is kept."""
    if not taken:
        return "\n\n".join(refused)
    count = f"{len(refused)} of {asked} parts" if asked > 1 else "This part"
    head = f"{count} could not be used; what fitted is kept. Write only what was refused again, corrected:\n\n"
    return head + "\n\n".join(refused) + "\n\n(START OVER on a line of its own drops all that is kept.)"


def _after(path: str, origin: str, placed: Sequence[Placed], files: Mapping[str, bytes]) -> bytes:
    """Return a file's new contents."""
    if origin not in files:
        return "".join(line + "\n" for line in placed[0].replace).encode()
    source = SourceText.of(files[origin])
    lines = source.text.split("\n")
    for one in sorted(placed, key=lambda one: -one.start):
        end = one.start + len(one.search)
        lines[one.start : end] = _with_ends(one.replace, lines[one.start : end], source.newline, at_top=one.start == 0)
    return encoded(source, "\n".join(lines), path)


def _with_ends(new: Sequence[str], old: Sequence[str], newline: str, *, at_top: bool) -> list[str]:
    """Give new lines the file's line end; the last one keeps the end of the last line it replaces."""
    carriage = "\r" if newline == "\r\n" else ""
    ended = [line + carriage for line in new]
    if ended:
        ended[-1] = new[-1] + ("\r" if old[-1].endswith("\r") else "")
        if at_top and old[0].startswith("\ufeff"):
            ended[0] = "\ufeff" + ended[0]
    return ended
