"""A row's own script (swebench 5's ``eval_script``), made fit for a tree whose history is gone and whose patch may lie.

The official harness runs it as it is, on the published image. Here the base commit is the tree's one commit, and what
only shows the tree or the patch in the log before the tests start, where a patch could write lines as of tests, is left
out.
"""

from __future__ import annotations

import re

from environments.errors import DataError
from swebench_runs.official import marks

_SHOWS = re.compile(r"git (?:status|show|(?:-c core\.fileMode=false )?diff(?: \S+)?)\s*")


class OwnScriptError(DataError):
    """No verdict can come of such a script. One clear line."""


def own_script(script: str, base_commit: str | None, *, with_code: bool) -> str:
    """Return the script to run.

    Args:
        script: the row's own.
        base_commit: what the script calls the commit that is HEAD here.
        with_code: let it end as its test command did, and say so.

    Raises OwnScriptError where the marks around its tests do not stand there once each.
    """
    if base_commit:
        script = script.replace(base_commit, "HEAD")
    lines = script.removesuffix("\n").split("\n")  # a test patch in it may hold other ends of lines
    starts, ends = ([n for n, line in enumerate(lines) if mark in line] for mark in (marks.START, marks.END))
    if len(starts) != 1 or len(ends) != 1 or not starts[0] < ends[0]:
        raise OwnScriptError(
            f"its eval_script does not have {marks.START!r} and {marks.END!r} once each, in this order"
        )
    before = [line for line in lines[: starts[0]] if not _SHOWS.fullmatch(line)]
    tests, after = lines[starts[0] : ends[0]], lines[ends[0] + 1 :]
    if with_code:
        tests = [*tests, "runoff_code=$?"]
        after = [f'echo "{marks.EXIT_CODE}: $runoff_code"', *after, 'exit "$runoff_code"']
    return "\n".join([*before, *tests, lines[ends[0]], *after]) + "\n"


def says_code(script: str) -> bool:
    """Tell whether a script says by itself how its test command ended."""
    return marks.EXIT_CODE in script
