"""Runoff's part of the load, in a process of its own: ``python -m acceptance.batch.load.runoff_side ORDER`` (JSON)."""

from __future__ import annotations

import io
import json
import sys
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from rich.console import Console

from acceptance.batch.load.inside import Inside
from acceptance.batch.load.script import MARK, MODEL, files, seconds_of
from environments.record_file import read_lines
from environments.task import EnvironmentSpec, Task
from environments.workbench.suites.suite_run import SuiteState
from swebench_runs.config import load
from swebench_runs.many_tasks.running import run_tasks
from swebench_runs.one_task.ground.base_sandbox import laid, lay
from swebench_runs.run_folder.store import Run

SPEC = EnvironmentSpec(packages=("pytest>=8.4",))
CONFIG = ("scaffold=tools", "tests=0", "runoff_turns=0", "judge=off", "early_stop=false", f"model={MODEL}")


def resolve(folder: Path, numbers: Iterable[int], count: int, keys: Iterable[str]) -> dict[str, Any]:
    """Resolve tasks ``numbers`` of ``count``; returns what came of them."""

    def lay_tree(task: Task, layer: Path) -> None:
        lay(folder / "sources" / task.instance_id, layer)

    tasks = []
    for number in numbers:
        name = f"task-{number}"
        for path, text in files(seconds_of(number, count)).items():
            (folder / "sources" / name / path).parent.mkdir(parents=True, exist_ok=True)
            (folder / "sources" / name / path).write_text(text)
        commit = lay(folder / "sources" / name, folder / "layers" / name)
        tasks.append(
            Task(instance_id=name, repo="m", base_commit=commit, problem_statement="f is wrong.", environment=SPEC)
        )
    with Run.start(folder / "run", load([*CONFIG, *keys]), tasks) as run:
        with Inside() as inside:
            result = run_tasks(run, tasks, laid(lay_tree), Console(file=io.StringIO()))
        return {"decided": len(result.decided), "failed": result.failed, **_runs(run), "inside": inside.told()}


def _runs(run: Run) -> dict[str, Any]:
    """Count commands and test runs, those that timed out, trajectories by ending, and what the machine gave."""
    commands = late = 0
    endings: dict[str, int] = {}
    taken = []
    seconds: dict[str, float] = {}
    for name in run.instances:
        folder = run.task(name)
        for path in folder.journals():
            lines = read_lines(path)
            answers = [line["answer"] for line in lines if line.get("kind") == "command"]
            commands += len(answers)
            for line in lines:
                if line.get("kind") == "command":
                    what = _what(str((line.get("request") or {}).get("command")))
                    seconds[what] = seconds.get(what, 0.0) + float(line["answer"].get("seconds") or 0.0)
            late += sum(bool(answer.get("timed_out")) for answer in answers)
            last = lines[-1].get("ending") if lines else None
            ending = str(last.get("ending") if isinstance(last, dict) else last)
            endings[ending] = endings.get(ending, 0) + 1
        for line in read_lines(folder.executions_path):
            answer = line.get("answer") or {}
            commands += "answer" in line
            seconds["suites"] = seconds.get("suites", 0.0) + float(answer.get("seconds") or 0.0)
            late += answer.get("outcome") == "timeout" or answer.get("state") == SuiteState.TIMED_OUT
        taken += [event for event in folder.events() if event["event"] == "taken"]
    return {
        "commands": commands,
        "timed_out": late,
        "endings": endings,
        "seconds_of": {what: round(took, 1) for what, took in seconds.items()},
        "core_seconds": round(sum(event["core_seconds"] or 0.0 for event in taken), 1),
        "peak_memory": max((event["peak_memory"] or 0 for event in taken), default=0),
    }


def _what(command: str) -> str:
    return "tests" if MARK in command else "other commands"


def main() -> None:
    """Carry out the order; its answer is the last line of the output."""
    order = json.loads(sys.argv[1])
    made = resolve(Path(order["folder"]), order["numbers"], order["count"], order["keys"])
    print(json.dumps(made), flush=True)


if __name__ == "__main__":
    main()
