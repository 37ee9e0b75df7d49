"""The tool ``edit``: files seen with line numbers, exact replacement, insertion, creation, and undoing them."""

from __future__ import annotations

import errno
import re
import shlex
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Annotated, Literal

from pydantic import AliasChoices, Field, field_validator, model_validator

from agent.edits.nearest import nearest_hint
from agent.scaffolds.tools.calling.tool import Arguments, Done
from agent.scaffolds.tools.leftovers import path_in_tree
from agent.scaffolds.tools.shown import head_and_tail, is_binary, shown_output
from agent.scaffolds.tools.toolbox.text_file import NotText, TextFile
from agent.scaffolds.tools.toolbox.undoing import Changes, is_as_left
from agent.trajectory.workspace import Workspace

_AROUND = 4
_LISTED = 200
_NO_FILE = "it is no regular file (a pipe, a socket, a device), or cannot be read"
_OTHER_NAMES = {"str_replace": "replace", "undo_edit": "undo"}
_LISTING = "find {path} -maxdepth 2 -not -path '*/.*' -not -name __pycache__ -not -name '*.pyc' | sort | head -n {most}"
_NEEDS = {"replace": ("old_str",), "insert": ("insert_line", "new_str"), "create": ("file_text",)}

Command = Literal["view", "replace", "insert", "create", "undo"]


class EditArguments(Arguments):
    """What ``edit`` takes."""

    command: Annotated[Command, Field(description="What to do.")]
    path: Annotated[
        str,
        Field(
            min_length=1,
            description="The file, from the repository's top; of view also a folder.",
            validation_alias=AliasChoices("path", "file_path"),
        ),
    ]
    view_range: Annotated[
        list[int] | None,
        Field(description="Of view: first and last line, counted from 1; -1 as the last: to the end."),
    ] = None
    old_str: Annotated[
        str | None,
        Field(
            description="Of replace: the text to be replaced, exactly as in the file and only once in it.",
            validation_alias=AliasChoices("old_str", "old_string"),
        ),
    ] = None
    new_str: Annotated[
        str | None,
        Field(
            description="Of replace and insert: the new text.",
            validation_alias=AliasChoices("new_str", "new_string", "insert_text"),
        ),
    ] = None
    insert_line: Annotated[
        int | None, Field(ge=0, description="Of insert: the line after which the text goes; 0: before the first.")
    ] = None
    file_text: Annotated[
        str | None,
        Field(
            description="Of create: the whole content of the file.",
            validation_alias=AliasChoices("file_text", "content"),
        ),
    ] = None

    @field_validator("command", mode="before")
    @classmethod
    def _by_other_names(cls, value: object) -> object:
        return _OTHER_NAMES.get(value, value) if isinstance(value, str) else value

    @field_validator("view_range", mode="before")
    @classmethod
    def _as_text(cls, value: object) -> object:
        return [int(number) for number in re.findall(r"-1\b|\d+", value)] if isinstance(value, str) else value

    @field_validator("view_range")
    @classmethod
    def _two_numbers(cls, value: list[int] | None) -> list[int] | None:
        if value is not None and (len(value) != 2 or value[0] < 1 or (value[1] != -1 and value[1] < value[0])):
            raise ValueError("two line numbers, the first from 1 and not above the last, or -1 as the last")
        return value

    @field_validator("path")
    @classmethod
    def _can_be_a_path(cls, value: str) -> str:
        if "\0" in value or "\n" in value:
            raise ValueError("no path has such characters")
        return value

    @model_validator(mode="after")
    def _has_what_it_needs(self) -> EditArguments:
        for name in _NEEDS.get(self.command, ()):
            if getattr(self, name) is None:
                raise ValueError(f"{self.command} needs {name}")
        if self.command == "replace" and not self.old_str:
            raise ValueError("old_str is empty: use insert, or create for a new file")
        return self


class _Refused(Exception):
    """What the model is told of an edit that was not made."""


@dataclass
class Editor:
    """Edits files of the trajectory's tree; never by guess."""

    workspace: Workspace
    room: int
    changed: Callable[[bool], str] = lambda full: ""
    """Is called after each change, told whether the sandbox's disk is used up; says what the model must know of it."""
    wrote: Callable[[str], None] = lambda path: None
    """Is told the path of each file that is written, from the repository's top."""
    name: str = "edit"
    about: str = (
        "Look at and change files. view: a file with line numbers (a part of it by view_range), or a folder. replace: "
        "old_str, which must be in the file exactly once, by new_str. insert: new_str after line insert_line. create: "
        "a file with file_text, written over if it exists. undo: take back the last change of the file by this tool."
    )
    arguments: type[EditArguments] = EditArguments
    _changes: Changes = field(default_factory=Changes)

    def use(self, arguments: EditArguments) -> Done:
        """Carry out one command."""
        does: dict[str, Callable[[EditArguments], str]] = {
            "view": self._view,
            "replace": self._replace,
            "insert": self._insert,
            "create": self._create,
            "undo": self._undo,
        }
        try:
            return Done(does[arguments.command](arguments), changed=arguments.command != "view")
        except (_Refused, NotText) as problem:
            return Done(f"Not done: {problem}")
        except OSError as error:
            full = self.changed(True) if error.errno == errno.ENOSPC else ""
            what = _NO_FILE if error.errno == errno.EIO else error.strerror or error
            return Done("\n".join(filter(None, (f"Not done: {arguments.path}: {what}.", full))))

    def _view(self, asked: EditArguments) -> str:
        try:
            content = self._content(asked.path)
        except IsADirectoryError:
            return self._folder(asked.path)
        if is_binary(content):
            return shown_output(content, self.room)
        lines = TextFile.of(content, asked.path).lines
        if lines[-1] == "":
            lines.pop()
        first, last = asked.view_range or (1, -1)
        last = len(lines) if last == -1 else min(last, len(lines))
        if first > len(lines):
            return f"{asked.path} has {len(lines)} lines."
        shown = _numbered(lines, first, last)
        text = head_and_tail(shown, self.room, "give a view_range")
        return f"{asked.path}, lines {first} to {last} of {len(lines)}:\n{text}"

    def _folder(self, path: str) -> str:
        listing = self.workspace.run(_LISTING.format(path=shlex.quote(path), most=_LISTED + 1), timeout=30)
        entries = shown_output(listing.output, self.room).split("\n")
        more = f"\n[... more than {_LISTED} entries: look at a folder below it ...]" if len(entries) > _LISTED else ""
        return f"{path} is a folder:\n" + "\n".join(entries[:_LISTED]) + more

    def _replace(self, asked: EditArguments) -> str:
        file = self._file(asked.path)
        old, new = file.own(asked.old_str or ""), file.own(asked.new_str or "")
        places = file.places(old)
        if not places:
            raise _Refused(f"old_str is not in {asked.path}.{nearest_hint(_lines(asked.old_str or ''), file.lines)}")
        if len(places) > 1:
            lines = ", ".join(str(file.line_at(place)) for place in places[:10])
            raise _Refused(
                f"old_str is in {asked.path} {len(places)} times, at lines {lines}: take lines around it into old_str, "
                "so that it is in the file only once."
            )
        if old == new:
            raise _Refused("old_str and new_str are the same.")
        place = places[0]
        return self._changed(asked.path, file, file.text[:place] + new + file.text[place + len(old) :], place, len(new))

    def _insert(self, asked: EditArguments) -> str:
        file, after = self._file(asked.path), asked.insert_line or 0
        lines = file.text.splitlines(keepends=True) if "\r" not in file.text else _kept_ends(file.text)
        if after > len(lines):
            raise _Refused(f"{asked.path} has {len(lines)} lines.")
        head, tail = "".join(lines[:after]), "".join(lines[after:])
        new = file.own(asked.new_str or "")
        if head and not head.endswith("\n"):
            head += file.newline
        if not new.endswith("\n"):
            new += file.newline
        return self._changed(asked.path, file, head + new + tail, len(head), len(new))

    def _create(self, asked: EditArguments) -> str:
        before = self._present(asked.path)
        content = (asked.file_text or "").encode("utf-8", errors="replace")
        if before == content:
            raise _Refused(f"{asked.path} has this very content already.")
        self._write(asked.path, before, content)
        count = len(TextFile.of(content, asked.path).lines) - content.endswith(b"\n")
        return f"{asked.path} {'is written' if before is None else 'is written over'}, {count} lines."

    def _undo(self, asked: EditArguments) -> str:
        path = path_in_tree(asked.path)
        change = self._changes.last(path)
        if change is None:
            raise _Refused(f"no change of {asked.path} by this tool is left to undo.")
        if not is_as_left(self._present(asked.path), change):
            raise _Refused(
                f"{asked.path} was changed by something else since this tool wrote it, and undoing would take that "
                "back too: look at it, and change it by replace."
            )
        if change.before is None:
            self.workspace.remove(asked.path)
        else:
            self.workspace.write(asked.path, change.before)
        self._changes.undone(path)
        self.changed(False)
        now = "is gone" if change.before is None else "is as before"
        return f"The last change of {asked.path} is undone: it {now}."

    def _present(self, path: str) -> bytes | None:
        try:
            return self.workspace.read(path)
        except FileNotFoundError:
            return None

    def _content(self, path: str) -> bytes:
        try:
            return self.workspace.read(path)
        except FileNotFoundError:
            raise _Refused(f"there is no file {path}.") from None

    def _file(self, path: str) -> TextFile:
        return TextFile.of(self._content(path), path)

    def _changed(self, path: str, file: TextFile, text: str, place: int, length: int) -> str:
        content = file.with_text(text, path)
        self._write(path, file.text.encode(file.encoding), content)
        after = TextFile(text, file.encoding)
        first, last = after.line_at(place), after.line_at(max(place, place + length - 1))
        lines = after.lines
        shown = _numbered(lines, max(1, first - _AROUND), min(len(lines), last + _AROUND))
        return f"{path} is changed:\n{head_and_tail(shown, self.room)}"

    def _write(self, path: str, before: bytes | None, content: bytes) -> None:
        self.workspace.write(path, content)
        self.wrote(path_in_tree(path))
        self._changes.made(path_in_tree(path), before, content)
        self.changed(False)


def _numbered(lines: list[str], first: int, last: int) -> str:
    return "\n".join(f"{number:6}\t{lines[number - 1]}" for number in range(first, last + 1))


def _lines(text: str) -> list[str]:
    return text.replace("\r\n", "\n").strip("\n").split("\n")


def _kept_ends(text: str) -> list[str]:
    parts = text.split("\n")
    return [part + "\n" for part in parts[:-1]] + ([parts[-1]] if parts[-1] else [])
