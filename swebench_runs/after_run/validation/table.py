"""Validations as tables: for a terminal, and as the Markdown of a document."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from statistics import median

from rich.table import Table

from swebench_runs.after_run.validation.record import Validation

_MEBIBYTE = 1 << 20
HEADINGS = ("repository", "validated", "strict", "Python", "layers", "image s", "own MB", "gold s")


def by_repository(found: Iterable[Validation]) -> list[tuple[str, ...]]:
    """Return a line of ``HEADINGS`` for each repository, and one for all; figures are medians (most)."""
    groups: dict[str, list[Validation]] = defaultdict(list)
    for validation in found:
        groups[validation.repo].append(validation)
    everything = [validation for group in groups.values() for validation in group]
    return [*(_line(repo, group) for repo, group in sorted(groups.items())), _line("all", everything)]


def terminal_table(found: Sequence[Validation]) -> Table:
    """Return the table by repository."""
    table = Table(*HEADINGS)
    for line in by_repository(found):
        table.add_row(*line)
    return table


def markdown(found: Sequence[Validation]) -> str:
    """Return the table by repository, and each task that is not valid with why."""
    lines = [_row(HEADINGS), _row(["---"] * len(HEADINGS)), *map(_row, by_repository(found))]
    failed = sorted((validation for validation in found if not validation.valid), key=lambda one: one.instance_id)
    if failed:
        lines += ["", "| not valid | why |", "|---|---|"]
        lines += [_row([one.instance_id, one.why.replace("|", "\\|")]) for one in failed]
    return "\n".join(lines) + "\n"


def _line(name: str, group: Sequence[Validation]) -> tuple[str, ...]:
    valid = [one for one in group if one.valid]
    return (
        name,
        f"{len(valid)} of {len(group)}",
        str(sum(one.strict for one in valid)),
        " ".join(sorted({one.python for one in group if one.python}, key=_minor)),
        str(len({one.layer for one in group if one.layer})),
        _spread([one.image_seconds for one in group if one.image_seconds], "{:.1f}"),  # no time: it was there
        _spread([one.image_bytes / _MEBIBYTE for one in group if one.image_bytes is not None], "{:.0f}"),
        _spread([one.gold.seconds for one in group if one.gold], "{:.1f}"),
    )


def _spread(values: Sequence[float], form: str) -> str:
    return f"{form.format(median(values))} ({form.format(max(values))})" if values else "-"


def _minor(python: str) -> int:
    return int(python.partition(".")[2])


def _row(cells: Sequence[str]) -> str:
    return f"| {' | '.join(cells)} |"
