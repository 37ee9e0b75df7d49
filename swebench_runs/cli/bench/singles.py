"""``runoff bench singles``: single calls beside a run, the comparison that every figure stands next to."""

from __future__ import annotations

from typing import Annotated

import typer

from swebench_runs.cli import options


def singles(
    run: options.RunFolder,
    n: Annotated[int, typer.Option("-n", metavar="N", min=1, help="Calls per task.")] = 4,
) -> int:
    """Make single calls for a run's tasks, to compare it with. One turn, no tests; `runoff grade RUN` grades them."""
    from swebench_runs import splits
    from swebench_runs.cli.terminal import terminal
    from swebench_runs.errors import Exit
    from swebench_runs.many_tasks.batch.interrupting import stop_on_signals
    from swebench_runs.many_tasks.live_view.live import watch
    from swebench_runs.many_tasks.models.connecting import connected
    from swebench_runs.many_tasks.singles import run_singles
    from swebench_runs.run_folder.folder_lock import FolderLock
    from swebench_runs.run_folder.store import Run
    from swebench_runs.splits.task_choice import select

    console = terminal()
    stored = Run.load(run)
    found = splits.split_of(stored)
    found.check_host()
    tasks = select(found.tasks(), stored.config, found.unreadable, found.kind)
    with (
        FolderLock(run),
        stop_on_signals() as stop,
        connected(stored.config, stop) as (models, lease),
        watch(console, len(tasks)) as shown,
    ):
        result = run_singles(stored, tasks, found.open_base, models, lease=lease, progress=shown, stop=stop, count=n)
    for name, reason in result.failed.items():
        console.print(f"{name}: no single calls: {reason}", markup=False, highlight=False)
    if result.interrupted:
        return Exit.INTERRUPTED
    return Exit.FAILED_TASKS if result.failed else Exit.DONE
