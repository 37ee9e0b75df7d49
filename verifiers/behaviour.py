"""Behaviour without an oracle: code of the issue that states no outcome, run on the base and on every candidate.

Nothing says what should come of it, so nothing passes or fails. What counts is whether a candidate changes anything at
all, and which candidates change it alike.
"""

from __future__ import annotations

import ast
import hashlib
import re
from collections.abc import Mapping, Sequence

from environments.workbench.outcome import Execution, GeneratedTest, Outcome
from environments.workbench.scripts.python_text import compiles, parse
from environments.workbench.workbench import Cell, Workbench
from verifiers.ballot import BASE, Candidate

MOST_PROBES = 4
"""Pieces of code of one issue that are run."""

_PROBE = """
def _observe(source, goes_on):
    import ast
    names = {{"__name__": "__main__"}}
    for node in ast.parse(source).body:
        try:
            if isinstance(node, ast.Expr):
                value = eval(compile(ast.Expression(body=node.value), "issue", "eval"), names)
                if value is not None:
                    print("value:", repr(value))
            else:
                exec(compile(ast.Module(body=[node], type_ignores=[]), "issue", "exec"), names)
        except BaseException as error:
            print("raises:", type(error).__name__)
            if not goes_on:
                break


_observe({source!r}, {goes_on!r})
"""
"""Each statement in turn: the value of an expression by its repr, an exception by its type, and what is printed."""

_ADDRESS = re.compile(r"\b0x[0-9a-fA-F]+")
_LINE = re.compile(r"(\.py:|\bline )\d+")
"""A patch moves lines, and a warning that names one is the same warning."""


_BROKEN = re.compile(r"^raises: (?:NameError|ModuleNotFoundError)\n\Z", re.MULTILINE)
"""How what the base shows ends, of code that needs more than the issue gives."""


def probe_of(code: str, origin: str, *, goes_on: bool) -> GeneratedTest | None:
    """Return the script that shows what some code does; None for what is no Python, or calls nothing.

    ``goes_on``: after an exception, as a session does.
    """
    tree = parse(code)
    if tree is None or not compiles(tree) or not any(isinstance(node, ast.Call) for node in ast.walk(tree)):
        return None
    return GeneratedTest.of(_PROBE.format(source=code, goes_on=goes_on).lstrip("\n"), origin)


def observed(
    bench: Workbench, probes: Sequence[GeneratedTest], candidates: Sequence[Candidate]
) -> dict[str, dict[str, str]]:
    """Return probe id -> candidate id or BASE -> a hash of what happened.

    A probe that hangs on the base, does not do the same twice there, or ends for want of a name or a module says
    nothing of anybody and is left out.
    """
    base = bench.run_many([(probe, None, repeat) for probe in probes for repeat in (0, 1)])
    steady = [p for p, one, two in zip(probes, base[::2], base[1::2], strict=True) if says_something(one, two)]
    trees: Mapping[str, str | None] = {BASE: None} | {candidate.id: candidate.patch for candidate in candidates}
    cells: list[Cell] = [(probe, patch, 0) for probe in steady for patch in trees.values()]
    runs = iter(bench.run_many(cells))
    return {probe.id: {tree: _digest(happened(next(runs))) for tree in trees} for probe in steady}


def says_something(one: Execution, two: Execution) -> bool:
    """Tell by two runs of a probe on the base whether it is worth running on anything else."""
    if Outcome.TIMEOUT in (one.outcome, two.outcome):  # the word in what is printed is no time-out
        return False
    return happened(one) == happened(two) and not _BROKEN.search(happened(one))


def happened(run: Execution) -> str:
    """Return what a run of a probe showed, without what differs from run to run; of one that hung only that."""
    if run.outcome is Outcome.TIMEOUT:
        return Outcome.TIMEOUT
    text = _LINE.sub(r"\1", _ADDRESS.sub("0x", run.output))
    return f"{run.exit_code}\n{text}"


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode("utf-8", "surrogateescape")).hexdigest()[:12]
