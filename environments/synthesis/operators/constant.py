"""Wrong constant: a truth value turned, or a number or text replaced by another one of the same function."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from environments.synthesis.operators.site import Function, Module, Site

_NUMBERS: tuple[int, ...] = (0, 1)


def sites(module: Module, function: Function) -> Iterator[Site]:
    """Yield every wrong constant in the function."""
    inside_f_strings = _inside_f_strings(function)
    constants = [
        node for node in function.nodes() if isinstance(node, ast.Constant) and id(node) not in inside_f_strings
    ]
    numbers = sorted({node.value for node in constants if type(node.value) is int} | set(_NUMBERS))
    texts = sorted({node.value for node in constants if isinstance(node.value, str)} | {"", " "})
    for node in constants:
        for text in _others(node.value, numbers, texts):
            start, end = module.span(node)
            yield Site(start, end, text.encode(), function.symbol)


def _others(value: object, numbers: list[int], texts: list[str]) -> list[str]:
    if isinstance(value, bool):
        return [repr(not value)]
    if isinstance(value, int):
        return [repr(number) for number in numbers if number != value]
    if isinstance(value, str):
        return [repr(text) for text in texts if text != value and _alike(value, text)]
    return []


def _alike(one: str, other: str) -> bool:
    """Say whether two texts could be taken for one another: of about the same length, and printable."""
    return abs(len(one) - len(other)) <= 4 and other.isprintable()


def _inside_f_strings(function: Function) -> set[int]:
    """Constants within f-strings have no reliable positions before Python 3.12."""
    strings = (node for node in function.nodes() if isinstance(node, ast.JoinedStr))
    return {id(inner) for string in strings for inner in ast.walk(string)}
