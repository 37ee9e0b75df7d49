"""A selection on the terminal: counts, the tasks, and one line for everything that was not taken."""

from __future__ import annotations

from collections.abc import Iterator

from rich.console import Console
from rich.table import Table
from rich.text import Text

from environments.text import amount, one_line
from selection.rules import PATCH_RULES
from swebench_runs.choosing.choose import CONSENSUS
from swebench_runs.choosing.select import Choice, Selection

SHOWN = 40
"""Rows of the table, and lines on what was not taken: the rest is in selection.json."""


def show(selection: Selection, console: Console) -> None:
    """Print what was chosen and what was left out."""
    choices = list(selection.choices.values())
    if len(choices) <= SHOWN:
        console.print(_table(choices))
    for line in (*_counts(selection), *_remarks(selection)):
        console.print(Text(one_line(line)), soft_wrap=True)


def _table(choices: list[Choice]) -> Table:
    table = Table("task", "attempts", "changes", "chosen: made by", "confidence", "from")
    for choice in choices:
        first = choice.standings[0] if choice.standings else None
        confidence = "" if choice.confidence is None else f"{choice.confidence:.2f}"
        table.add_row(
            Text(one_line(choice.instance_id)),
            str(choice.attempts),
            str(len(choice.standings)),
            f"{first.multiplicity} of {choice.attempts}" if first else choice.abstention,
            Text(
                f"{confidence}{', abstained' * choice.abstained}".removeprefix(", "), "dim" if choice.abstained else ""
            ),
            Text(one_line(first.sources[0]) if first else "", overflow="ellipsis", no_wrap=True),
        )
    return table


def _counts(selection: Selection) -> Iterator[str]:
    choices = selection.choices.values()
    attempts, changes = sum(c.attempts for c in choices), sum(len(c.standings) for c in choices)
    chosen = sum(bool(choice.standings) for choice in choices)
    have = "has" if chosen == 1 else "have"
    yield (
        f"{chosen} of {amount(len(choices), 'task')} {have} a choice by the rule {selection.selector.name}, "
        f"among {attempts} attempts that made {changes} different changes."
    )
    abstained = [choice for choice in choices if choice.abstained]
    if abstained:
        suspicious = sum(bool(choice.standings and choice.standings[0].suspicious) for choice in abstained)
        others = [choice for choice in abstained if choice.standings and not choice.standings[0].suspicious]
        low = sum(choice.confidence is not None for choice in others)
        doubted = len(others) - low
        alone = f", {doubted} as a lone candidate that its own system would not stand by" if doubted else ""
        forged = f", {suspicious} as suspicious" if suspicious else ""
        yield f"Abstained on {len(abstained)}, {low} of them for a low confidence{alone}{forged}."


def _remarks(selection: Selection) -> Iterator[str]:
    reading = selection.reading
    if reading.grades:
        names = ", ".join(f"{name} ({count})" for name, count in sorted(reading.grades.items()))
        yield f"Fields that could be grades were dropped on reading, with the number of records: {names}."
    unknown = sum(bool(c.standings) and not c.issue_known for c in selection.choices.values())
    if unknown and selection.selector.name == CONSENSUS:
        tasks = amount(unknown, "task")
        yield f"Without the issue, fit to it could not be weighed for {tasks}: give --statements or --subset."
    if selection.selector.name not in PATCH_RULES:
        yield f"The rule {selection.selector.name} weighs tests or a judge; here are none: its tie-breaks decide."
    if selection.outside:
        count = sum(selection.outside.values())
        yield f"Left out, not of the subset: {count} predictions for {_some(selection.outside)}."
    if reading.repeats:
        repeats = amount(len(reading.repeats), "prediction or file repeats", "predictions or files repeat")
        yield f"{repeats} another: counted once."
    told = [f"{name}: of the diff handed on, {why}." for name, c in selection.choices.items() for why in c.remarks]
    yield from told[:SHOWN]
    if len(told) > SHOWN:
        yield f"... and {len(told) - SHOWN} remarks more: see selection.json."
    yield from _not_taken(selection)


def _not_taken(selection: Selection) -> Iterator[str]:
    reasons: dict[str, list[str]] = {}
    for choice in selection.choices.values():
        for refused in choice.refused:
            reasons.setdefault(refused.reason, []).append(refused.source)
    alike = [f"Not taken: {len(where)} attempts, e.g. {where[0]}: {why}" for why, where in reasons.items() if where[1:]]
    alone = [f"Not taken: {where[0]}: {why}" for why, where in reasons.items() if not where[1:]]
    told = [f"Not taken: {unread.source}: {unread.reason}" for unread in selection.reading.unread] + alike + alone
    yield from told[:SHOWN]
    if len(told) > SHOWN:
        yield f"... and {len(told) - SHOWN} lines more: see selection.json."


def _some(names: dict[str, int]) -> str:
    shown = list(names)[:3]
    return f"{', '.join(shown)}{f' and {len(names) - 3} more' if len(names) > 3 else ''}"
