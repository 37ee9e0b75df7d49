"""Failing tests told as an issue: what each is, and how it fails; after the user's own words, where there are any."""

from __future__ import annotations

import re
from collections.abc import Sequence

from environments.text import readable
from environments.workbench.outcome import Execution, Outcome
from environments.workbench.scripts.script_runner import shorten
from swebench_runs.checkouts.failing_tests.looking import Looked

MOST_OUTPUT = 3_000
"""Characters of what one test printed."""
MOST_SHOWN = 5
"""Tests that are shown with their source; the others are named."""
_SUMMARY = re.compile(r"^=+ short test summary info =+$.*", re.MULTILINE | re.DOTALL)


def statement_of(issue: str, looked: Sequence[Looked]) -> str:
    """Return the issue as the models read it."""
    parts = [issue] if issue else [_title(looked)]
    for test, run, _ in looked[:MOST_SHOWN]:
        how = f"It fails so:\n\n{_fenced(_output(run))}"
        parts.append(f"The test `{test.path}` fails:\n\n{_fenced(test.source, 'python')}\n\n{how}")
    if len(looked) > MOST_SHOWN:
        parts.append("These fail too: " + ", ".join(f"`{test.path}`" for test, *_ in looked[MOST_SHOWN:]))
    return readable("\n\n".join(parts)).strip()


def _title(looked: Sequence[Looked]) -> str:
    names = [test.path.rpartition("::")[2] for test, *_ in looked]
    more = f" and {len(names) - 1} more" if len(names) > 1 else ""
    return f"{names[0]}{more} fails\n\nThe code is wrong where these tests fail; the tests are right."


def _output(run: Execution) -> str:
    """Return what a run printed, without the summary, which says it again."""
    failing = [case for case, outcome in run.cases if outcome is Outcome.FAIL]
    text = _SUMMARY.sub("", run.output).strip()
    return shorten(text or f"{len(failing)} failed", MOST_OUTPUT)


def _fenced(text: str, language: str = "") -> str:
    longest = max((len(run) for run in re.findall(r"`{3,}", text)), default=2)
    fence = "`" * (longest + 1)
    return f"{fence}{language}\n{text.rstrip()}\n{fence}"
