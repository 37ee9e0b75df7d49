"""What the header of a file in a diff says: its names before and after, and what kind of file it is."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import takewhile

from agent.patch.cutting import PatchError

_PREFIX = re.compile(r"[abciow12]/")
_ESCAPE = re.compile(rb"\\([0-7]{3}|.)", re.S)
_ESCAPES = {b"a": b"\a", b"b": b"\b", b"t": b"\t", b"n": b"\n", b"v": b"\v", b"f": b"\f", b"r": b"\r"}
_TIME = re.compile(r"(?:\t.*|(?<!\s)\s+\d{4}-\d\d-\d\d[ T]\d\d:\d\d\S*(?: [+-]\d{4})?)$")
_EPOCH = re.compile(r"\s(?:1970-01-01|1969-12-31)[ T]\d\d:\d\d")
"""The time that diff -N gives a file that does not exist."""
_HERE = re.compile(r"(^|/)(?:\./)+")
"""Steps of a path that lead nowhere: ``diff -u ./a.py ...`` writes them."""
_OUTSIDE = ("/", "../")
_NULL = "/dev/null"
_LONGEST_NAMES = 2 * 4096
"""Characters of two names: no system has longer ones."""
_GIT_NAMES = ("rename from ", "rename to ", "copy from ", "copy to ")


@dataclass(frozen=True)
class Header:
    """A file's header."""

    before: str | None
    """None where the file is said not to exist before."""
    after: str | None
    is_git: bool
    copied: bool = False
    binary: bool = False
    mode_before: str | None = None
    mode_after: str | None = None


def read_header(lines: Sequence[str]) -> Header:
    """Read a header of git, diff -u or difflib; prefixes and timestamps are dropped. Raises PatchError."""
    is_git = lines[0].startswith("diff --git ")
    before, after = _git_names(lines) if is_git else _plain_names(lines)
    if not (before or after):
        raise PatchError("not a unified diff: a header without a file's name: " + lines[0][:200])
    index = re.search(r" (\d{6})$", _value(lines, "index ") or "")
    new, deleted = _value(lines, "new file mode "), _value(lines, "deleted file mode ")
    return Header(
        before=None if new else before,
        after=None if deleted else after,
        is_git=is_git,
        copied=_value(lines, "copy from ") is not None,
        binary=any(line.startswith(("GIT binary patch", "Binary file")) for line in lines),
        mode_before=deleted or _value(lines, "old mode ") or (index and index[1]),
        mode_after=new or _value(lines, "new mode ") or (index and index[1]),
    )


def _value(lines: Sequence[str], opening: str) -> str | None:
    return next((line[len(opening) :] for line in lines if line.startswith(opening)), None)


def _git_names(lines: Sequence[str]) -> tuple[str | None, str | None]:
    """Return the names in a header of git's; those of the line ``diff --git`` only where no other line says them."""
    old, new = (
        next((_unquoted(value) for value in (_value(lines, opening) for opening in openings) if value), None)
        for openings in (_GIT_NAMES[::2], _GIT_NAMES[1::2])
    )
    if old and new:
        return old, new
    first = _two_names(lines[0].removeprefix("diff --git "))
    same = _shared(*first) if first else None
    named = _value(lines, "--- "), _value(lines, "+++ ")
    if named[0] is None or named[1] is None:
        return same, same
    before, after = _name(named[0]), _name(named[1])
    if same is None:
        return _without_prefix(before), _without_prefix(after)
    if {before, after} - {None, *(first or ()), same}:
        raise PatchError(f"not a unified diff: {lines[0][:200]!r} names another file than the lines below it")
    return same if before else None, same if after else None


def _plain_names(lines: Sequence[str]) -> tuple[str | None, str | None]:
    """Return the names in a header of diff -u or difflib. It cannot rename: where they differ, the new one holds."""
    if lines[0].startswith("Binary file"):
        said = re.sub(r" (differ|has changed)$", "", re.sub(r"^Binary files? ", "", lines[0]))
        old, _, new = said.partition(" and ")
        before, after = _name(old), _name(new or old)
    else:
        before, after = _name(lines[0][4:]), _name(lines[1][4:])
        if None in (before, after) and (named := _both_named(lines[0][4:], lines[1][4:])):
            return named if before else None, named if after else None
    if before is None or after is None:
        return _without_prefix(before), _without_prefix(after)
    same = _without_prefix(after) if before == after else _shared(before, after) or _without_prefix(after)
    return same, same


def _both_named(old: str, new: str) -> str | None:
    """Return the file that two lines name though the time of one says that it does not exist there: diff -N does so."""
    names = _bare(old), _bare(new)
    return None if _NULL in names else _shared(*names)


def _two_names(names: str) -> tuple[str, str] | None:
    """Split git's two names of one file, which may hold spaces; they are equally long unless their prefixes are not."""
    half = len(names) // 2
    if len(names) % 2 and names[half] == " ":
        return _unquoted(names[:half]), _unquoted(names[half + 1 :])
    if len(names) > _LONGEST_NAMES:
        return None
    splits = (names.split(" ", number) for number in range(1, names.count(" ") + 1))
    pairs = ((_unquoted(" ".join(words[:-1])), _unquoted(words[-1])) for words in splits)
    return next((pair for pair in pairs if _shared(*pair)), None)


def _shared(old: str, new: str) -> str | None:
    """Return the file that two names mean: themselves, or what follows their prefixes; None where they differ."""
    if old == new:
        return old
    if old.startswith(_OUTSIDE) or new.startswith(_OUTSIDE):
        return _common_end(old, new)
    tails = old.partition("/")[2], new.partition("/")[2]
    return tails[0] if tails[0] and tails[0] == tails[1] else None


def _common_end(old: str, new: str) -> str | None:
    """Return the folders and the name at the end of two paths outside of the tree: where two copies of it differ."""
    pairs = zip(reversed(old.split("/")), reversed(new.split("/")), strict=False)
    alike = [part for part, _ in takewhile(lambda pair: pair[0] == pair[1], pairs)]
    return "/".join(reversed(alike)) or None


def _name(written: str) -> str | None:
    """Return a name as it stands in a ``---`` or ``+++`` line, without quotes and timestamp; None for no file."""
    name = _bare(written)
    return None if name == _NULL or _EPOCH.search(written) else name


def _bare(written: str) -> str:
    return _HERE.sub(r"\1", _unquoted(_TIME.sub("", written).rstrip()))


def _without_prefix(name: str | None) -> str | None:
    return None if name is None else _PREFIX.sub("", name, count=1) if _PREFIX.match(name) else name


def _unquoted(name: str) -> str:
    if len(name) < 2 or not name[0] == name[-1] == '"':
        return name
    raw = _ESCAPE.sub(_unescape, name[1:-1].encode("utf-8", "surrogateescape"))
    return raw.decode(errors="surrogateescape")


def _unescape(match: re.Match[bytes]) -> bytes:
    escaped = match[1]
    return bytes([int(escaped, 8) & 255]) if len(escaped) == 3 else _ESCAPES.get(escaped, escaped)
