"""Twelve tasks at once on whatever cores there are, with tests that keep a core busy for a second each.

Never more test processes may run than this process has cores, and nothing may time out that does not in a quiet run of
one task.
"""

from __future__ import annotations

import io
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Any

from rich.console import Console

from acceptance.batch.load.watch import Watch
from acceptance.record import ROOT, Record, recording
from environments.record_file import read_lines
from environments.task import EnvironmentSpec, Task
from swebench_runs.config import load
from swebench_runs.many_tasks.running import run_tasks
from swebench_runs.one_task.ground.base_sandbox import laid, lay
from swebench_runs.run_folder.store import Run

TASKS = 12
TIMEOUT = 20.0
"""Seconds for a suite and for a script: a few times what either takes on a core of its own."""
BUSY = "import time\nend = time.process_time() + 1\nwhile time.process_time() < end:\n    pass\n"
CONFIG = (
    *("model=openai/scripted", "trajectories=1", "tests=0", "turns=1", "test_turns=1", "runoff_turns=0", "judge=off"),
    *("early_stop=false", f"workers={TASKS}", f"suite_timeout={TIMEOUT}", f"script_timeout={TIMEOUT}"),
)
TESTS = (b"/tmp/runoff/reproduce.py", b"the supervisor")
"""What stands in the command line of a process that runs tests."""


@contextmanager
def endpoint() -> Iterator[str]:
    """Serve a scripted model, whose every answer is at once there."""
    command = [sys.executable, str(ROOT / "tests" / "scripted_server.py")]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as server:
        assert server.stdout
        yield server.stdout.readline().strip()
        server.communicate()


def resolve(folder: Path, names: list[str], address: str) -> dict[str, Any]:
    """Resolve tasks in one process; returns what was counted."""
    source = folder / "source"
    (source / "tests").mkdir(parents=True)
    (source / "m.py").write_text("def f():\n    return 1\n")
    (source / "tests/test_m.py").write_text(f"def test_f():\n{_indented(BUSY)}")
    commit = lay(source, folder / "layer")
    spec = EnvironmentSpec(packages=("pytest>=8.4",))
    statement = f"f is wrong.\n\n```python\n{BUSY}from m import f\nassert f() == 2\n```\n"
    tasks = [
        Task(instance_id=name, repo="m", base_commit=commit, problem_statement=statement, environment=spec)
        for name in names
    ]
    config = load([*CONFIG, f"api_base={address}"])
    with Watch(os.getpid(), TESTS) as watch, Run.start(folder / "run", config, tasks) as run:
        result = run_tasks(run, tasks, laid(partial(_lay, source)), Console(file=io.StringIO()))
    answers = [
        line["answer"] for name in names for line in read_lines(run.task(name).executions_path) if "answer" in line
    ]
    late = [one for one in answers if one.get("outcome") == "timeout" or "longer than" in (one.get("problem") or "")]
    return {
        **{"tasks": len(names), "decided": len(result.decided), "test_runs": len(answers), "timed_out": len(late)},
        **{"most_test_processes": watch.most, "looks": len(watch.counts), "failed": result.failed},
    }


def _lay(source: Path, task: Task, layer: Path) -> None:
    lay(source, layer)


def _indented(code: str) -> str:
    return "".join(f"    {line}\n" for line in code.splitlines())


def main() -> None:
    """Measure one task alone, then all at once."""
    cores = len(os.sched_getaffinity(0))
    os.environ.setdefault("OPENAI_API_KEY", "none")
    with tempfile.TemporaryDirectory() as place, recording(Record("crowd", n=TASKS, unit="tasks")) as record:
        with endpoint() as address:
            alone = resolve(Path(place) / "alone", ["alone"], address)
            crowd = resolve(Path(place) / "crowd", [f"task-{number}" for number in range(TASKS)], address)
        record.figures |= {"cores": cores, "seconds_a_test": 1, "timeout": TIMEOUT, "alone": alone, "crowd": crowd}
        record.check("every task is decided", crowd["decided"] == TASKS, f"{crowd['decided']} of {TASKS}")
        record.check("tests were seen running", crowd["most_test_processes"] > 0, f"in {crowd['looks']} looks")
        most = crowd["most_test_processes"]
        record.check("no more running test processes than cores", most <= cores, f"{most} on {cores} cores")
        record.check(
            "nothing times out that does not alone",
            crowd["timed_out"] <= alone["timed_out"] == 0,
            f"{crowd['timed_out']} of {crowd['test_runs']} runs, alone {alone['timed_out']} of {alone['test_runs']}",
        )


if __name__ == "__main__":
    main()
