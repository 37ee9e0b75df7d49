"""The whole-file format: a path and the file's whole new text in a code block."""

from __future__ import annotations

import re
from collections.abc import Mapping

from agent.context.source import SourceText
from agent.edits.change_reader import path_changes
from agent.edits.edit import Edit, EditError, NoChange, check_editable, check_new_path, check_syntax, encoded
from agent.edits.placing import Placing

_BLOCK = re.compile(r"^(`{3,8}|~{3,8})[^\n]*\n(.*?)^\1[ \t]*$", re.M | re.S)
_PATH = re.compile(r"[^\s`*:#\"'<>|]+")


def parse_whole_file(answer: str, files: Mapping[str, bytes]) -> Edit:
    """Replace each file whose path stands on the line before a code block by that block, or make it.

    Lines ``DELETE path`` and ``RENAME path -> path`` remove and move files.
    The file keeps its line ends, its byte order mark and its missing final newline. Raises EditError.
    """
    changed: dict[str, bytes | None] = {}
    refused = []
    placing = Placing(files)
    path_only = path_changes(answer)
    refused += placing.take(path_only)
    blocks = _blocks(answer, required=not path_only)
    for path, text in blocks:
        try:
            if path in changed:
                raise EditError(f"{path} is given twice. Give each file once.")
            check_editable(path, files)
            after = _rewritten(path, text, files)
            check_syntax(path, files.get(path, b""), after)
            changed[path] = after
        except EditError as error:
            refused.append(error.message_for_model)
    for move in placing.moved:
        changed.setdefault(move.to, files[move.path])
    changed |= placing.gone()
    if refused:
        raise EditError("\n\n".join(refused))
    changed = {path: raw for path, raw in changed.items() if raw != files.get(path)}
    if not changed:
        raise NoChange(" and ".join(path for path, _ in blocks))
    return Edit(files=changed)


def _blocks(answer: str, *, required: bool) -> list[tuple[str, str]]:
    text = answer.replace("\r\n", "\n")
    found, start = [], 0
    for block in _BLOCK.finditer(text if text.endswith("\n") else text + "\n"):
        lines = [line for line in text[start : block.start()].split("\n") if line.strip()]
        words = _PATH.findall(lines[-1]) if lines else []
        start = block.end()
        if len(words) == 1 and ("." in words[0] or "/" in words[0]):
            found.append((words[0], block[2]))
    if not found and required:
        raise EditError(
            "No edit found. Write the file's path on a line of its own, then its whole text in one ```python block."
        )
    return found


def _rewritten(path: str, text: str, files: Mapping[str, bytes]) -> bytes:
    if not text.strip():
        raise EditError(f"The block for {path} is empty. Give the file's whole text.")
    if path not in files:
        check_new_path(path, files)
        return text.encode()
    source = SourceText.of(files[path])
    if source.text and not source.text.endswith("\n"):
        text = text.removesuffix("\n")
    mark = "\ufeff" if source.text.startswith("\ufeff") and not text.startswith("\ufeff") else ""
    return encoded(source, mark + text.replace("\n", source.newline), path)
