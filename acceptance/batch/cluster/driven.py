"""The driver that is measured, and killed: so many small tasks, in threads or on a cluster.

``python -m acceptance.batch.cluster.driven FOLDER RUN TASKS CLUSTER SETTING...``; CLUSTER is ``threads`` or an address.
"""

from __future__ import annotations

import sys
from contextlib import nullcontext
from functools import partial
from pathlib import Path

from rich.console import Console

from environments.task import EnvironmentSpec, Task
from swebench_runs.config import load
from swebench_runs.many_tasks.cluster import joined, on_nodes
from swebench_runs.many_tasks.cluster.job import Ground
from swebench_runs.many_tasks.running import run_tasks, undone
from swebench_runs.one_task.ground.base_sandbox import OpenBase, laid, lay, prepare_host
from swebench_runs.run_folder.store import Run


def made(folder: Path, count: int) -> list[Task]:
    """Make the tasks' tree, the first time, and return the tasks."""
    source, known = folder / "source", folder / "commit"
    if not known.is_file():
        source.mkdir(parents=True)
        (source / "m.py").write_text("def f():\n    return 1\n")
        known.write_text(lay(source, folder / "layer"))
    return [
        Task(
            instance_id=f"task-{number}",
            repo=f"repo-{number % 4}",
            base_commit=known.read_text(),
            problem_statement=f"f is wrong, for the {number}. time.",
            environment=EnvironmentSpec(packages=("pytest>=8.4",)),
        )
        for number in range(count)
    ]


def opener(source: Path, run: Run) -> OpenBase:
    """Return what opens the tasks' sandboxes, on a node."""
    return laid(lambda task, layer: _lay(source, layer))


def _lay(source: Path, layer: Path) -> None:
    lay(source, layer)


def main() -> None:
    """Run, or go on with, what is in the folder."""
    folder, name, count, cluster, *settings = sys.argv[1:]
    source = Path(folder) / "source"
    tasks = made(Path(folder), int(count))
    console = Console(soft_wrap=True)
    ground = Ground(prepare_host, partial(opener, source))
    local = cluster == "threads"
    with (
        Run.start(Path(folder) / name, load(settings), tasks) as run,
        nullcontext() if local else joined(cluster),
    ):
        where = None if local else partial(on_nodes, ground, None)
        result = run_tasks(run, tasks, opener(source, run), console, where=where)
        for line in undone(run, tasks, result):
            console.print(line, markup=False)
    sys.exit(result.exit_code)


if __name__ == "__main__":
    main()
