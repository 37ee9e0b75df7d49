"""What earlier sittings of a run have spent, by its records."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from agent.models.contract import Usage
from agent.trajectory.budget import Amount, Ledger
from agent.trajectory.journal import paid, read_journal
from swebench_runs.run_folder.store import Run
from swebench_runs.run_folder.task_folder import TaskFolder


def charge_all(ledger: Ledger, run: Run) -> None:
    """Count all answers that the records of a run hold, those too that were set aside: they were paid for."""
    for name in run.instances:
        folder = run.task(name)
        _charge(ledger, (*folder.superseded(), *folder.journals()))


def on_record(folder: TaskFolder) -> Amount:
    """Return what the answers took that a task's next try reads back."""
    ledger = Ledger()
    _charge(ledger, folder.journals())
    return ledger.spent


def _charge(ledger: Ledger, journals: Iterable[Path]) -> None:
    for path in journals:
        for line in read_journal(path):
            for answer in paid(line):
                ledger.charge(Usage.model_validate(answer["usage"]), answer["cost"])
