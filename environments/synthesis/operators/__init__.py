"""The six operators that inject one bug each, and the enumeration of a module's sites.

The kinds of bug follow the procedural modifications of SWE-smith (Yang et al. 2025, section 2.1) and the classic
mutation operators; each works on ``ast`` positions over the source's bytes and leaves all formatting as it was.
"""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterable, Mapping

from environments.synthesis.operators import arguments, comparison, constant, off_by_one, removal, variable
from environments.synthesis.operators.site import Function, Module, Site

Operator = Callable[[Module, Function], Iterable[Site]]

OPERATORS: Mapping[str, Operator] = {
    "comparison_flip": comparison.sites,
    "off_by_one": off_by_one.sites,
    "swapped_arguments": arguments.sites,
    "removed_statement": removal.sites,
    "wrong_variable": variable.sites,
    "wrong_constant": constant.sites,
}


def sites(source: bytes, operator: str) -> list[Site]:
    """Enumerate a module's sites of one operator, always in the same order; an unreadable module has none."""
    module = Module(source)
    try:
        functions = module.functions
    except (SyntaxError, ValueError):
        return []
    return sorted({site for function in functions for site in OPERATORS[operator](module, function)})


def changes(source: bytes, site: Site) -> bool:
    """Say whether the mutated module still parses and differs in more than layout."""
    try:
        return ast.dump(ast.parse(site.apply(source))) != ast.dump(ast.parse(source))
    except (SyntaxError, ValueError):
        return False


__all__ = ["OPERATORS", "Module", "Site", "changes", "sites"]
