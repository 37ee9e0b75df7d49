"""A diff as git writes it, whatever system wrote it: what ``git apply`` and ``patch -p1`` both take."""

from __future__ import annotations

from collections.abc import Iterator

from agent.patch.diff import quoted
from agent.patch.sections import Section, sections
from agent.patch.wrappings import unwrapped

_FORMAL = ("index ", "similarity index ", "dissimilarity index ")
"""Lines of git's header that change nothing; only binary data needs the first."""
_MOVES = ("rename from ", "rename to ", "copy from ", "copy to ")
_MODES = ("old mode ", "new mode ", "new file mode ", "deleted file mode ")


def appliable(patch: str) -> str:
    """Return a diff for ``git apply`` and ``patch -p1``: the prefixes a/ and b/, whole hunks, nothing around it.

    What git wrote with its own prefixes comes back as it was, but that names with spaces may be quoted. A file of which
    a diff only says that it differs (``Binary files a/x and b/x differ``) is left out: nothing can apply that.
    (``patch`` knows no binary data: a file that is not UTF-8 text is for ``git apply`` alone.)
    Raises PatchError for what cannot be read.
    """
    return "".join(git_form(part) for part in once(patch) if part.binary or not is_only_named(part))


def once(patch: str) -> tuple[Section, ...]:
    """Return the files of a diff, whatever it came in; a part that is there twice, as answers repeat them, once."""
    return tuple({git_form(part): part for part in sections(unwrapped(patch))}.values())


def is_only_named(section: Section) -> bool:
    """Tell a binary file whose content is not in the diff."""
    return bool(section.parsed.is_binary_file) and not section.binary


def git_form(section: Section, *, bare: bool = False) -> str:
    """Write a file's part as git does.

    ``bare``: without what says nothing of the change, so that it is equal for equal hunks: lines of hashes, headings of
    hunks, and lengths of one.
    """
    return "".join(f"{line}\n" for line in (*_header(section, bare=bare), *_content(section, bare=bare)))


def _header(section: Section, *, bare: bool) -> Iterator[str]:
    before, after = section.before or section.path, section.path
    is_plain = section.hunks and not any(line.startswith((*_MODES, *_MOVES)) for line in section.header)
    old, new = (quoted(name, spaces=not is_plain) for name in (f"a/{before}", f"b/{after}"))
    yield f"diff --git {old} {new}"
    kind = "new" if section.before is None else "deleted"
    is_change = None not in (section.before, section.after)
    if not is_change and not any(line.startswith(f"{kind} file mode ") for line in section.header):
        yield f"{kind} file mode 100644"
    for line in section.header[1:]:
        opening = next((o for o in (*_MODES, *_FORMAL) if line.startswith(o)), None)
        if opening in _MODES or (opening is not None and (section.binary or not bare)):
            yield line
        elif line.startswith(_MOVES):
            word, way, _ = line.split(" ", 2)
            yield f"{word} {way} {quoted(before if way == 'from' else after)}"


def _content(section: Section, *, bare: bool) -> Iterator[str]:
    old = "/dev/null" if section.before is None else quoted(f"a/{section.before}")
    new = "/dev/null" if section.after is None else quoted(f"b/{section.after}")
    if section.binary:
        yield "GIT binary patch"
        yield from section.binary
    elif is_only_named(section):
        yield f"Binary files {old} and {new} differ"
    elif section.hunks:
        yield f"--- {old}{_tab(section.before)}"
        yield f"+++ {new}{_tab(section.after)}"
        for hunk, parsed in zip(section.hunks, section.parsed, strict=True):
            source, target = (parsed.source_start, parsed.source_length), (parsed.target_start, parsed.target_length)
            yield f"@@ -{_range(*source)} +{_range(*target)} @@" if bare else hunk.head + hunk.heading
            yield from hunk.lines


def _tab(path: str | None) -> str:
    """Return what keeps a name with a space from being cut there."""
    return "\t" if path is not None and " " in path else ""


def _range(start: int, length: int) -> str:
    return str(start) if length == 1 else f"{start},{length}"
