"""What ``run`` and ``fix`` say and ask about money before they start."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

import typer

if TYPE_CHECKING:
    from rich.console import Console

    from swebench_runs.config import RunConfig


def tell_forecast(config: RunConfig, tasks: int, neighbours: Path, issue: int) -> int:
    """Say what so many tasks would take whose longest issue has so many characters; the exit code."""
    from swebench_runs.cli.terminal import terminal
    from swebench_runs.errors import Exit
    from swebench_runs.forecast import foretold
    from swebench_runs.many_tasks.models.capabilities import check_capabilities
    from swebench_runs.many_tasks.models.model_prices import require_prices

    require_prices(config)
    console = terminal()
    for line in [*check_capabilities(config), *foretold(config, tasks=tasks, neighbours=neighbours, issue=issue)]:
        console.print(line, markup=False, highlight=False, soft_wrap=True)
    return Exit.DONE


def agree(config: RunConfig, console: Console, *, yes: bool, begun: Path | None = None) -> None:
    """Ask before a run on paid models without a limit, or say that it has none; not where it was begun before.

    ``begun``: the folder of its tasks. UsageError where the answer is no, or a money limit needs a price.
    """
    from swebench_runs.forecast import consent
    from swebench_runs.many_tasks.models.model_prices import require_prices
    from swebench_runs.run_folder.task_folder import answered

    require_prices(config)
    someone = sys.stdin.isatty() and sys.stderr.isatty()
    ask = (lambda question: typer.confirm(question, err=True)) if someone else None
    if line := consent(config, yes=yes or bool(begun and answered(begun)), ask=ask):
        console.print(line, markup=False, highlight=False, soft_wrap=True)
