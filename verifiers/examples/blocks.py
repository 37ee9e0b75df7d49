"""Takes an issue's text apart: prose, and the pieces of code and output between it."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from itertools import islice, pairwise

from environments.workbench.scripts.python_text import expression, parse
from verifiers.examples.sessions import MAX_LINES

MAX_STATEMENT = 65_536
"""Characters of an issue that are looked at."""
MAX_BLOCKS = 200
"""Pieces of code and prose of an issue that are looked at."""

_FENCE = re.compile(r"^\s{0,12}(`{3,}|~{3,})\s*(.*)$")
_SESSION_LINE = re.compile(r"^\s*(?:>>> ?|In ?\[\d+\]: ?)")
_BARE_CODE = re.compile(r"^(?:from [\w.]+ import |import [\w.]+|def \w+\(|class \w+|@\w+|assert |print\(|\w+ = )")
_ERROR_LINE = re.compile(r"^(?:E\s+)?((?:\w+\.)*\w*(?:Error|Exception|Warning|Exit|Iteration|DoesNotExist))(?::|$)")

_TRACEBACK_MARK = re.compile(
    r"Traceback \(most recent call last\)|^-{2,}> *\d+ |^ *File \".+\", line \d+", re.MULTILINE
)
_ODD_ERROR = re.compile(r"^(?:\w+\.)*[A-Z]\w*(?:: .+)?$")
"""The last line of a traceback whose exception is not called an error; it is not indented."""
_SENTENCE = re.compile(r"^(?!Traceback|During)[A-Z][\w']*,?(?: [\w'`\"(),/-]+){4,}[.:!?]?$")


class BlockKind(StrEnum):
    """What a piece of an issue's text is."""

    PROSE = "prose"
    SESSION = "session"
    SCRIPT = "script"
    TRACEBACK = "traceback"
    OUTPUT = "output"


@dataclass(frozen=True)
class TextBlock:
    """One piece of text; neighbouring pieces alternate between prose and the rest."""

    kind: BlockKind
    text: str


def split_blocks(statement: str) -> list[TextBlock]:
    """Return an issue's prose and code in order; fenced, indented, interactive and unmarked code is found."""
    lines = statement[:MAX_STATEMENT].expandtabs(4).splitlines()
    blocks: list[TextBlock] = []
    prose: list[str] = []
    at = 0
    while at < len(lines) and len(blocks) < MAX_BLOCKS:
        taken = _code_at(lines, at)
        if taken is None:
            prose.append(lines[at])
            at += 1
            continue
        end, text = taken
        _add_prose(blocks, prose)
        if text.strip():
            blocks.append(TextBlock(classify(text), text))
        prose, at = [], end
    _add_prose(blocks, prose)
    return blocks


def classify(text: str) -> BlockKind:
    """Tell what a piece of code or output is."""
    if any(_SESSION_LINE.match(line) for line in text.splitlines()):
        return BlockKind.SESSION
    if error_name(text) is not None:
        return BlockKind.TRACEBACK
    tree = parse(text)
    if tree is not None and any(isinstance(node, ast.Call | ast.Import | ast.ImportFrom) for node in ast.walk(tree)):
        return BlockKind.SCRIPT
    if tree is not None and any(isinstance(node, ast.Assert | ast.ClassDef | ast.Assign) for node in tree.body):
        return BlockKind.SCRIPT
    return BlockKind.OUTPUT


def error_said(text: str) -> str | None:
    """Return the exception that a traceback ends with, or that an error line names: ``name: message`` or ``name``."""
    lines = text.splitlines()
    if _TRACEBACK_MARK.search(text):
        found = [line for above, line in pairwise(["", *lines]) if _names_error(line, above)]
    else:
        found = [line for line in lines if _ERROR_LINE.match(line.strip())] if len(lines) <= 3 else []
    if not found:
        return None
    name, colon, message = found[-1].strip().removeprefix("E ").strip().partition(":")
    return f"{name.rpartition('.')[2]}{colon}{message}".strip().removesuffix(":")


def _names_error(line: str, above: str) -> bool:
    """Tell whether a line of a traceback names the error: a bare name does so only right below the frames."""
    if _ERROR_LINE.match(line.strip()):
        return True
    return bool(_ODD_ERROR.match(line)) and (":" in line or above.startswith("  "))


def error_name(text: str) -> str | None:
    """Return the name alone."""
    said = error_said(text)
    return said.partition(":")[0] if said is not None else None


def _add_prose(blocks: list[TextBlock], lines: list[str]) -> None:
    text = "\n".join(lines).strip("\n")
    if text.strip():
        blocks.append(TextBlock(BlockKind.PROSE, text))


def _code_at(lines: list[str], at: int) -> tuple[int, str] | None:
    """Return the line after the code that begins at a line, and the code; None where prose goes on."""
    fence = _FENCE.match(lines[at])
    if fence:
        return _fenced(lines, at, fence[1])
    if _SESSION_LINE.match(lines[at]):
        return _session(lines, at)
    if lines[at].startswith("    ") and lines[at].strip() and _may_start_indented(lines, at):
        return _indented(lines, at)
    if _TRACEBACK_MARK.match(lines[at]):
        return _traceback(lines, at)
    if _BARE_CODE.match(lines[at]):
        return _bare(lines, at)
    return None


def _fenced(lines: list[str], at: int, mark: str) -> tuple[int, str]:
    end = at + 1
    while end < len(lines) and not re.match(rf"^\s*{re.escape(mark[0])}{{{len(mark)},}}\s*$", lines[end]):
        end += 1
    return end + 1, _dedent(lines[at + 1 : end])


def _session(lines: list[str], at: int) -> tuple[int, str]:
    """Take an unfenced session: to the first blank line that no further prompt follows."""
    end = at
    while end < min(len(lines), at + MAX_LINES) and not _FENCE.match(lines[end]):
        if not lines[end].strip():
            following = next((line for line in islice(lines, end, end + 4) if line.strip()), "")
            if not re.match(r"^\s*(?:>>> ?|\.\.\. |In ?\[\d+\]: ?|Out ?\[\d+\]: ?)", following):
                break
        elif end > at and _SENTENCE.match(lines[end]):
            break
        end += 1
    return end, _dedent(lines[at:end])


def _traceback(lines: list[str], at: int) -> tuple[int, str]:
    """Take an unfenced traceback: to the line that names the error, past any that come after "During handling"."""
    end = at + 1
    last = None
    while end < len(lines) and end < at + 200 and not _FENCE.match(lines[end]):
        if _names_error(lines[end], lines[end - 1]):
            last = end
        elif last is not None and _SENTENCE.match(lines[end]):
            break
        end += 1
    stop = end if last is None else last + 1
    return stop, _dedent(lines[at:stop])


def _may_start_indented(lines: list[str], at: int) -> bool:
    before = lines[at - 1].strip() if at else ""
    list_item = re.match(r"^\s*(?:[-*+]|\d+[.)])\s", lines[at]) or re.match(r"^(?:[-*+]|\d+[.)])\s", before)
    return not list_item and (not before or before.endswith(":"))


def _indented(lines: list[str], at: int) -> tuple[int, str]:
    end = at
    while end < len(lines) and (lines[end].startswith("    ") or not lines[end].strip()):
        end += 1
    return end, _dedent(lines[at:end])


def _bare(lines: list[str], at: int) -> tuple[int, str] | None:
    """Take the longest run of unmarked lines that is Python, if it does not end in what may be a word of prose."""
    best = None
    for end in range(at + 1, min(at + 30, len(lines)) + 1):
        if end < len(lines) and not lines[end - 1].strip():
            continue
        tree = parse("\n".join(lines[at:end]))
        last = tree.body[-1] if tree and tree.body else None
        if last is not None and not (isinstance(last, ast.Expr) and isinstance(last.value, ast.Name | ast.Tuple)):
            best = end
    return None if best is None else (best, _dedent(lines[at:best]))


def _dedent(lines: list[str]) -> str:
    margins = [len(line) - len(line.lstrip()) for line in lines if line.strip()]
    margin = min(margins, default=0)
    return "\n".join(line[margin:] for line in lines).strip("\n")


def statements(text: str) -> Iterator[tuple[ast.stmt, str]]:
    """Yield a script's top-level statements with their source; nothing when it is not valid Python."""
    tree = parse(text)
    lines = text.splitlines()
    for node in tree.body if tree else []:
        decorators = getattr(node, "decorator_list", [])
        first = min([node.lineno, *(d.lineno for d in decorators)])
        yield node, "\n".join(lines[first - 1 : node.end_lineno])


def is_value(text: str) -> bool:
    """Tell whether a text is one expression without comment, as a shown value is."""
    return expression(text) is not None and "#" not in text
