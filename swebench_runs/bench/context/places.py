"""The lines and functions of the base that a patch changes, and which of them a context shows."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from agent.context import Context, Symbol
from agent.context.frames import framed_lines
from agent.context.source import shown
from agent.context.symbols import symbols_of
from agent.patch import Block, read_change

Line = tuple[str, int]


@dataclass(frozen=True)
class Places:
    """What a patch changes of the source that is there before it; files that it adds are nowhere yet."""

    lines: frozenset[Line]
    """Lines that it removes; where it only adds, the one before. Blank ones are none: nothing of them can be shown."""
    functions: tuple[Symbol, ...]
    """The innermost functions (or classes, or assigned names) around these lines."""


def changed_places(patch: str, files: Mapping[str, bytes]) -> Places:
    """Return the places that a patch changes. Tests, which it may change too, are left out."""
    lines: set[Line] = set()
    functions: dict[str, Symbol] = {}
    for file in read_change(patch).source:
        path = file.renamed_from or file.path
        if file.kind == "new" or path not in files:
            continue
        text = shown(files[path]).split("\n")
        numbers = {one for one in _numbers(file.blocks, text) if "".join(text[one - 1 : one]).strip()}
        lines |= {(path, number) for number in numbers}
        symbols = symbols_of(path, files[path]) if path.endswith(".py") else ()
        for number in numbers:
            around = [symbol for symbol in symbols if symbol.line <= number <= symbol.last_line]
            if around:
                innermost = min(around, key=lambda symbol: symbol.last_line - symbol.line)
                functions[innermost.id] = innermost
    return Places(frozenset(lines), tuple(functions.values()))


def _numbers(blocks: Iterable[Block], text: list[str]) -> Iterator[int]:
    for block in blocks:
        if block.removed:
            yield from range(block.line, block.end)
            continue
        number = min(block.line - 1, len(text))
        while number > 1 and not text[number - 1].strip():
            number -= 1
        yield max(number, 1)


def shown_lines(context: Context, statement: str, files: Mapping[str, bytes]) -> frozenset[Line]:
    """Return the lines that a context shows: of definitions, and of what stands around them."""
    bodies = ((one.path, n) for one in context.symbols for n in range(one.line, one.last_line + 1))
    return frozenset([*bodies, *framed_lines(context.text, statement, context.symbols, files)])


def shows(function: Symbol, lines: frozenset[Line]) -> bool:
    """Tell whether every line of a function is shown."""
    return all((function.path, n) in lines for n in range(function.line, function.last_line + 1))
