"""The whole-symbol format: an id and the whole new definition in a code block."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping, Sequence
from difflib import get_close_matches

from agent.context.source import SourceText
from agent.context.symbols import Symbol, parse, symbols_of
from agent.edits.edit import Edit, EditError, NoChange, check_syntax, encoded, syntax_problem

_BLOCK = re.compile(r"^(`{3,8}|~{3,8})[^\n]*\n(.*?)^\1[ \t]*$", re.M | re.S)
_ID = re.compile(r"(?<![\w./+-])([\w./+-]+\.py)::([\w.#]+)")


def parse_symbol_edit(answer: str, files: Mapping[str, bytes]) -> Edit:
    """Replace each symbol that the answer names by the definition that follows its id.

    ``files``: the tree's present files. Raises EditError; nothing is applied then.
    """
    replacements: dict[str, list[tuple[Symbol, str]]] = {}
    notes: list[str] = []
    for path, name, code in _blocks(answer):
        symbol = _find(path, name, files)
        definition = _fit(symbol, code, notes)
        if any(
            symbol.id == other.id or symbol.encloses(other) or other.encloses(symbol)
            for other, _ in replacements.get(path, [])
        ):
            raise EditError(f"{symbol.id} is defined twice in your answer. Give each definition once.")
        replacements.setdefault(path, []).append((symbol, definition))
    changed = {}
    for path, pairs in replacements.items():
        after = _splice(path, files[path], pairs)
        if after != files[path]:
            changed[path] = after
    if not changed:
        raise NoChange(" and ".join(symbol.id for pairs in replacements.values() for symbol, _ in pairs))
    return Edit(files=changed, notes=tuple(notes))


def _blocks(answer: str) -> list[tuple[str, str, str]]:
    """Return (path, name, code) for each id that is followed by a code block."""
    text = answer.replace("\r\n", "\n")
    if not text.endswith("\n"):
        text += "\n"
    found, start = [], 0
    for block in _BLOCK.finditer(text):
        ids = _ID.findall(text[start : block.start()]) or _ID.findall(block[0].split("\n", 1)[0])
        code = block[2]
        if not ids:
            lead = _ID.search(code.split("\n", 1)[0])
            if lead and code.lstrip().startswith("#"):
                ids = [(lead[1], lead[2])]
        start = block.end()
        if ids and code.strip():
            found.append((*ids[-1], code))
    if not found:
        raise EditError(
            "No edit found. Write the id of one definition (path::name) on a line of its own, "
            "then its whole new definition in one ```python block."
        )
    return found


def _find(path: str, name: str, files: Mapping[str, bytes]) -> Symbol:
    if path not in files:
        near = get_close_matches(path, list(files), n=3, cutoff=0.5)
        raise EditError(f"There is no file {path}." + (f" Near it: {', '.join(near)}." if near else ""))
    symbols = {symbol.name: symbol for symbol in symbols_of(path, files[path])}
    if name in symbols:
        return symbols[name]
    last = name.rsplit(".", 1)[-1].partition("#")[0]
    ending = [symbol.name for symbol in symbols.values() if symbol.last_name == last]
    near = ending or get_close_matches(name, list(symbols), n=3, cutoff=0.5)
    raise EditError(f"{path} defines no {name}." + (f" Did you mean {' or '.join(near[:3])}?" if near else ""))


def _fit(symbol: Symbol, code: str, notes: list[str]) -> str:
    """Check that a block holds just this definition; return it at the original's indentation, decorators kept."""
    found = _only_definition(symbol, code)
    if found.kind == "class" and symbol.kind != "class":
        inner = [s for s in symbols_of("", found.source.encode()) if s.name.count(".") == 1]
        if found.last_name == _owner(symbol) and len(inner) == 1:
            notes.append(f"took {symbol.name} out of the class it was wrapped in")
            found = _only_definition(symbol, inner[0].source)
    if found.last_name != symbol.last_name or _noun(found) != _noun(symbol):
        raise EditError(
            f"The block for {symbol.id} must define the {_noun(symbol)} {symbol.last_name}; "
            f"it defines the {_noun(found)} {found.last_name}."
        )
    source = _with_tabs(found.source) if "\n\t" in symbol.source else found.source
    definition = _shift(source, _indent(source), _indent(symbol.source), set(symbol.source.split("\n")))
    kept = _decorators(symbol)
    if kept and not _decorators(found):
        notes.append(f"kept the decorators of {symbol.name}")
        definition = "".join(kept) + definition
    return definition


def _only_definition(symbol: Symbol, code: str) -> Symbol:
    """Return the one definition of a block, with the lines it was written in."""
    indent = _indent(code)
    plain = _shift(code, indent, "", set())
    root = parse(plain.encode())
    if root.has_error:
        raise EditError(f"The code block for {symbol.id} is not valid Python: {syntax_problem(plain.encode())}.")
    top = [s for s in symbols_of("", plain.encode()) if "." not in s.name]
    statements = [node for node in root.named_children if node.type != "comment"]
    if len(top) != 1 or len(statements) != 1:
        holds = f" It holds {len(statements)} statements." if statements else " It holds none."
        raise EditError(f"The block for {symbol.id} must hold its whole definition and nothing else.{holds}")
    lines = code.split("\n")[top[0].line - 1 : top[0].last_line]
    return top[0].model_copy(update={"source": "\n".join(lines)})


def _splice(path: str, raw: bytes, pairs: Sequence[tuple[Symbol, str]]) -> bytes:
    source = SourceText.of(raw)
    data = source.text.encode()
    for symbol, definition in sorted(pairs, key=lambda pair: -pair[0].start):
        if definition != symbol.source:
            new = definition.replace("\n", source.newline).encode()
            data = data[: symbol.start] + new + data[symbol.end :]
    after = encoded(source, data.decode(), path)
    check_syntax(path, raw, after)
    return after


def _shift(code: str, old: str, new: str, keep: Collection[str]) -> str:
    """Move code from one indentation to another; lines of strings that are in ``keep`` stay as they are."""
    if old == new:
        return code
    inside = _string_lines(code) if keep else set()
    return "\n".join(
        new + line.removeprefix(old)
        if line.strip() and line.startswith(old) and not (number in inside and line in keep)
        else line
        for number, line in enumerate(code.split("\n"))
    )


def _with_tabs(code: str) -> str:
    """Indent by tabs a definition that is indented by spaces, where each level is the first one's width."""
    depths = [len(line) - len(line.lstrip(" ")) for line in code.split("\n") if line.strip()]
    unit = min((depth - depths[0] for depth in depths if depth > depths[0]), default=0)
    inside = _string_lines(code)
    lines = code.split("\n")
    if not unit or "\n\t" in code:
        return code
    return "\n".join(
        line if number in inside else "\t" * ((len(line) - len(line.lstrip(" "))) // unit) + line.lstrip(" ")
        for number, line in enumerate(lines)
    )


def _string_lines(code: str) -> set[int]:
    """Return the numbers, from 0, of lines that begin inside a string."""
    lines: set[int] = set()
    stack = [parse(code.encode())]
    while stack:
        node = stack.pop()
        if node.type == "string":
            lines.update(range(node.start_point[0] + 1, node.end_point[0] + 1))
        else:
            stack.extend(node.children)
    return lines


def _decorators(symbol: Symbol) -> list[str]:
    """Return the lines of a definition's source before its ``def`` or ``class``."""
    lines = symbol.source.split("\n")
    for number, line in enumerate(lines):
        if re.match(r"\s*(async\s|def\s|class\s)", line):
            return [line + "\n" for line in lines[:number]]
    return []


def _indent(code: str) -> str:
    """Return the indentation of the first line of code."""
    lines = [line for line in code.split("\n") if line.strip()]
    line = next((line for line in lines if not line.lstrip().startswith("#")), "")
    return line[: len(line) - len(line.lstrip())]


def _owner(symbol: Symbol) -> str:
    return symbol.name.rpartition(".")[0].rpartition(".")[2].partition("#")[0]


def _noun(symbol: Symbol) -> str:
    return "function" if symbol.kind == "method" else symbol.kind
