"""What an answer of the model changes, or what is wrong with it."""

from __future__ import annotations

import codecs
from collections.abc import Collection, Mapping, Sequence

from pydantic import BaseModel, ConfigDict

from agent.context.source import SourceText
from agent.edits.block import Change
from agent.patch.paths import path_problem
from environments.python_source import parse_python
from environments.workbench.forks.tree_contents import TreeContents


class EditError(Exception):
    """An answer that cannot be applied. ``message_for_model`` says what to change in the next one."""

    def __init__(self, message_for_model: str, *, kept: Sequence[Change] = ()) -> None:
        super().__init__(message_for_model)
        self.message_for_model = message_for_model
        self.kept = tuple(kept)
        """Parts of the answer that fit, and need not be written again."""


class NoChange(EditError):
    """An answer that gives the present code again, as weak models do when they do not see the fault."""

    def __init__(self, where: str) -> None:
        super().__init__(f"No change: {where} would be the same as now. Change what causes the issue.")
        self.where = where


class Edit(BaseModel):
    """New contents of the files an answer changes."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    files: Mapping[str, bytes | None]
    """path -> whole new contents; None where the file is deleted."""
    notes: tuple[str, ...] = ()
    """What was taken as meant rather than as written, for the record: ``kept the decorators of X``."""


def encoded(source: SourceText, text: str, path: str) -> bytes:
    """Encode a changed text as its file was. Raises EditError on a character its encoding lacks."""
    try:
        return source.encode(text)
    except UnicodeEncodeError as error:
        raise EditError(
            f"{path} is encoded in {source.encoding}, which has no {text[error.start]!r}; write it as an escape."
        ) from None


def check_new_path(path: str, files: Collection[str]) -> None:
    """Raise EditError unless a new file of this path would lie in the tree, beside what is there."""
    problem = path_problem(path)
    if problem is not None:
        raise EditError(f"{path!r} cannot be written: {problem}.")
    parents = {"/".join(path.split("/")[:depth]) for depth in range(1, path.count("/") + 1)}
    barred = next((f"{one} is {what}" for one, what in _barred(files).items() if one in {path, *parents}), None)
    if barred is not None:
        raise EditError(f"{path} cannot be written: {barred}.")
    taken = next((file for file in files if file in parents or file.startswith(path + "/")), None)
    if taken is not None:
        raise EditError(f"{path} cannot be written: {taken} is in the way.")


def check_editable(path: str, files: Mapping[str, bytes]) -> None:
    """Raise EditError where a path is no file of text: a link, a submodule, a binary file, a way out of the tree."""
    problem = path_problem(path)
    if problem is not None:
        raise EditError(f"{path!r} cannot be changed: {problem}.")
    if path in (barred := _barred(files)):
        raise EditError(f"{path} cannot be changed: it is {barred[path]}.")
    if (
        path in files
        and b"\0" in files[path]
        and not files[path].startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE))
    ):
        raise EditError(f"{path} cannot be changed: it is a binary file.")


def _barred(files: Collection[str]) -> Mapping[str, str]:
    return files.barred if isinstance(files, TreeContents) else {}


def check_syntax(path: str, before: bytes, after: bytes) -> None:
    """Raise EditError when a Python file that parsed no longer does."""
    if not path.endswith(".py"):
        return
    problem = syntax_problem(after)
    if problem is not None and syntax_problem(before) is None:
        raise EditError(f"{path} would no longer be valid Python: {problem}")


def syntax_problem(raw: bytes) -> str | None:
    """Say what the running Python finds wrong with a source; None when it parses."""
    try:
        parse_python(raw)
    except SyntaxError as error:
        line = f" near `{error.text.strip()[:120]}`" if error.text else ""
        return f"{error.msg}, line {error.lineno}{line}"
    except (ValueError, RecursionError, MemoryError) as error:
        return str(error) or type(error).__name__
    return None
