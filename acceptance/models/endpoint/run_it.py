"""The process that is measured, and killed: a few small tasks, many trajectories. ``run_it FOLDER SETTING...``"""

from __future__ import annotations

import sys
from functools import partial
from pathlib import Path

from rich.console import Console

from environments.task import EnvironmentSpec, Task
from swebench_runs.config import load
from swebench_runs.many_tasks.running import run_tasks, undone
from swebench_runs.one_task.ground.base_sandbox import laid, lay
from swebench_runs.run_folder.store import Run

TASKS = 4


def main() -> None:
    """Run, or go on with, what is in the folder."""
    folder = Path(sys.argv[1])
    source, layer = folder / "source", folder / "layer"
    if not layer.is_dir():
        (source / "tests").mkdir(parents=True)
        (source / "m.py").write_text("def f():\n    return 1\n")
        (source / "tests/test_m.py").write_text("from m import f\n\n\ndef test_f():\n    assert f() == 1\n")
    commit = (folder / "commit").read_text() if (folder / "commit").is_file() else lay(source, layer)
    (folder / "commit").write_text(commit)
    tasks = [
        Task(
            instance_id=f"task-{number}",
            repo="m",
            base_commit=commit,
            problem_statement=f"f is wrong, for the {number}. time.",
            environment=EnvironmentSpec(packages=("pytest>=8.4",)),
        )
        for number in range(TASKS)
    ]
    console = Console(soft_wrap=True)
    with Run.start(folder / "run", load(sys.argv[2:]), tasks) as run:
        result = run_tasks(run, tasks, laid(partial(_lay, source)), console)
        for line in undone(run, tasks, result):
            console.print(line, markup=False)
    sys.exit(result.exit_code)


def _lay(source: Path, task: Task, layer: Path) -> None:
    lay(source, layer)


if __name__ == "__main__":
    main()
