"""Why a patch is handed over, in lines for a maintainer: what it rests on, what was run, what it took."""

from __future__ import annotations

from collections.abc import Sequence

from environments.text import one_line
from environments.workbench.outcome import GeneratedTest
from swebench_runs.figures.metrics import GradedTask
from swebench_runs.figures.report.story import tell

_SHOWN = 4
"""Tests that are named one by one."""


def explained(task: GradedTask, *, withheld: bool, test: str = "", suite: str = "") -> list[str]:
    """Return the lines; of a task without a patch that Runoff stands by, one that says why and what was tried.

    ``test``: what is said of the test that is handed over; empty where none was asked for. ``suite``: what ran of
    a suite that is too long; empty where it ran whole.
    """
    told = dict(tell(task).lines)
    if withheld:
        tried = f" Tried: {told['Tried']}." if "Tried" in told else ""
        lines = [f"Abstained: {told['Answer'].rstrip('.')}.{tried}"]
        lines += [f"{heading}: {told[heading]}" for heading in ("Lost", "Took") if heading in told]
    else:
        lines = [f"{heading}: {text}" for heading, text in told.items()]
        lines[1:1] = [f"Shown by: {named}" for named in [_shown_by(task)] if named]
    lines += [f"Suite: {suite}"] if suite else []
    lines += [f"Test: {test}"] if test else []
    return [one_line(line) for line in lines]


def message(lines: Sequence[str], issue: str) -> str:
    """Return the message of a commit: the issue's first line, then the reasons."""
    title = one_line(issue.partition("\n")[0].lstrip("# "), 60) or "an issue"
    return f"Fix: {title}\n\n" + "\n".join(lines) + "\n"


def _shown_by(task: GradedTask) -> str:
    """Name the tests that fail without the chosen patch and pass with it."""
    evidence = task.decision.evidence if task.decision else None
    passed = set(evidence.passed) if evidence else set()
    named = list(dict.fromkeys(_named(test) for test in task.tests if test.id in passed))
    more = f" and {len(named) - _SHOWN} more" if len(named) > _SHOWN else ""
    does = "fails without it and passes with it" if len(named) == 1 else "fail without it and pass with it"
    return f"{', '.join(named[:_SHOWN])}{more}, which {does}" if named else ""


def _named(test: GeneratedTest) -> str:
    if test.kind == "existing":
        return test.path
    who, _, number = test.origin.partition(":")
    return "an example of the issue" if who == "issue" else f"a test by {who}-{number or 0}"
