"""``make acceptance-lite REPOS=DIR``: three instances of SWE-bench Lite end to end with the local model.

Drawn by seed from those that ``runoff validate`` found sound. Whatever comes out: the model is a weak one.
"""

from __future__ import annotations

import argparse
import random
from pathlib import Path

from acceptance.commands import run, runoff
from acceptance.demo import set_aside
from acceptance.record import Record, recording
from swebench_runs.after_run.validation import stored
from swebench_runs.figures.metrics import TaskState
from swebench_runs.figures.report.model import Report
from swebench_runs.rows import load_rows

SEED = 0
TASKS = 3
_FOLDER = Path("runs/lite")
_SETTINGS = ("-c", "demo", "-c", "limits.task.seconds=300", "-c", "statement=any", "-c", "draw=null", "--slice", "0:3")
"""A repository's own tests and its longer issues take the model more time than a starter task."""


def main() -> None:
    """Run, grade, and check that every file is there; nothing is asked of the outcome."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--repos", type=Path, required=True, help="a folder of repositories")
    options.add_argument("--validated", type=Path, default=Path("runs/validate/validation.jsonl"))
    given = options.parse_args()
    lite = {row.instance_id for row in load_rows("lite").rows}
    sound = sorted({one.instance_id for one in stored(given.validated) if one.valid} & lite)
    drawn = random.Random(SEED).sample(sound, TASKS)
    set_aside(_FOLDER)
    chosen = [word for name in drawn for word in ("-i", name)]
    with recording(Record("lite", n=TASKS, unit="tasks", seed=SEED)) as record:
        command = ("run", "--subset", "lite", *chosen, "-m", "local", *_SETTINGS, "--repos", str(given.repos))
        done = run(runoff(*command, "-o", str(_FOLDER)), timeout=3000)
        record.check("the run ends well", done.exit_code == 0, f"exit code {done.exit_code}: {done.last_line}")
        report = Report.model_validate_json((_FOLDER / "report.json").read_bytes())
        record.figures["tasks"] = {
            task.instance_id: {"result": task.state, "lost_at": task.stage} for task in report.tasks
        }
        record.figures["resolved"] = sum(task.resolved for task in report.tasks)
        record.figures["run_seconds"] = round(done.seconds)
        evaluated = [
            task.instance_id for task in report.tasks if task.state in (TaskState.RESOLVED, TaskState.UNRESOLVED)
        ]
        record.check("every task is graded", len(evaluated) == TASKS, evaluated)
        summaries = [path.name for path in _FOLDER.glob("runoff-*.json")]
        record.check("the official summary is there", bool(summaries), summaries)


if __name__ == "__main__":
    main()
