"""Why lines that a right patch changes are not in a context: what of the choosing has to be better."""

from __future__ import annotations

from collections import Counter
from collections.abc import Set
from typing import Literal, get_args

from agent.context.file_kinds import file_kind
from agent.context.packing import definition
from agent.context.symbols import Symbol
from agent.context.tokens import estimate_tokens
from swebench_runs.bench.context.places import Line, Places

Miss = Literal["left_aside", "file", "too_long", "symbol", "around"]
MISSES: tuple[Miss, ...] = get_args(Miss)
"""``left_aside``: in a file that is not ranked at all (not Python, not source); ``file``: nothing of its file is shown;
of files that are shown: ``too_long``: its function alone takes more than half of the budget; ``symbol``: its function,
or the name that it assigns, is not shown; ``around``: it stands in no function, in a class or a module."""


def misses(places: Places, lines: Set[Line], budget: int) -> dict[Miss, int]:
    """Return how many of the changed lines are missing for each reason; those that there are none of are left out."""
    shown_files = {path for path, _ in lines}
    found = Counter(_miss(line, places, shown_files, budget) for line in places.lines - lines)
    return {kind: found[kind] for kind in MISSES if found[kind]}


def _miss(line: Line, places: Places, shown_files: Set[str], budget: int) -> Miss:
    path, number = line
    if path not in shown_files:
        ranked = path.endswith(".py") and file_kind(path) == "source"
        return "file" if ranked else "left_aside"
    around = [one for one in places.functions if one.path == path and one.line <= number <= one.last_line]
    innermost = min(around, key=lambda one: one.last_line - one.line, default=None)
    if innermost is None or innermost.kind == "class":
        return "around"
    return "too_long" if _tokens(innermost) > budget // 2 else "symbol"


def _tokens(symbol: Symbol) -> int:
    return estimate_tokens(definition(symbol))
