"""``make acceptance-tools-rows``: three rows of Lite by the ``tools`` scaffold and the embedded model, in Docker.

Whatever comes out, for the model is a weak one: the run folder, the grades, the report, what ``inspect`` shows and the
exports must be right. ``--develop`` runs another row, so that nothing is tuned to these three.
"""

from __future__ import annotations

import argparse
import json
import subprocess
from collections import Counter
from pathlib import Path
from typing import Any

from acceptance.commands import Done, run, runoff
from acceptance.record import MEASUREMENTS, ROOT, Record, recording
from acceptance.rows.sdist_rows import FLASK, SPHINX, Release, lay_rows
from agent.trajectory.journal import read_journal
from swebench_runs.after_run.exports import PREDICTIONS
from swebench_runs.figures.metrics import TaskState
from swebench_runs.figures.report.model import Report
from swebench_runs.rows import Row, load_rows
from swebench_runs.run_folder.store import Run

REPORTED = {"pallets__flask-4992": FLASK, "sphinx-doc__sphinx-8506": SPHINX, "sphinx-doc__sphinx-8721": SPHINX}
DEVELOPED = {"pallets__flask-5063": FLASK}
SEED = 0
_FOLDER = ROOT / "runs" / "tools-rows"
_SETTINGS = {
    **{"model": "local", "scaffold": "tools", "test_scaffold": "test-writing", "sandbox": "docker", "seed": SEED},
    **{"trajectories": 2, "tests": 1, "turns": 8, "test_turns": 1, "runoff_turns": 1, "judge": "off"},
    **{"context_tokens": 1200, "answer_tokens": 300, "workers": 2, "limits.task.seconds": 240},
}
"""The seconds are of a machine with two cores that others use too; a first answer takes a minute there."""
_KINDS = frozenset({"model", "command", "read", "write", "diff"})


def laid(rows: dict[str, Release], folder: Path) -> Path:
    """Return the file of these rows, with their repositories beside it; laid once, for a run goes on with the same."""
    file = folder / "rows.jsonl"
    if not file.is_file():
        folder.mkdir(parents=True, exist_ok=True)
        known = {row.instance_id: row for row in load_rows("lite").rows}
        lay_rows([(_spelt(known[name]), release) for name, release in rows.items()], folder)
    return file


def _spelt(row: Row) -> dict[str, Any]:
    """Return a row as data sets spell it."""
    values = row.model_dump(mode="json", exclude_defaults=True)
    return {
        {"fail_to_pass": "FAIL_TO_PASS", "pass_to_pass": "PASS_TO_PASS"}.get(key, key): values[key] for key in values
    }


def sound(record: Record, rows: Path, folder: Path) -> None:
    """Check that the right patches are resolved in these images and no patch is not: that grades mean something."""
    command = ("validate", "--gold", "--subset", str(rows), "--repos", str(rows.parent / "repos"), "--keep")
    done = run(runoff(*command, "-o", str(folder)), timeout=3000)
    record.check("every row is sound here", done.exit_code == 0, done.last_line)


def resolve(rows: Path, folder: Path) -> Done:
    """Run, grade and report; a run that was cut off goes on."""
    settings = [part for key, value in _SETTINGS.items() for part in ("-c", f"{key}={value}")]
    command = ("run", "--subset", str(rows), "--repos", str(rows.parent / "repos"), *settings)
    return run(runoff(*command, "-o", str(folder)), timeout=3000)


def steps(folder: Path) -> dict[str, int]:
    """Count the steps on record of the editing trajectories, by kind."""
    paths = folder.glob("tasks/*/trajectories/edit-*.jsonl")
    return dict(Counter(line["kind"] for path in paths for line in read_journal(path) if "kind" in line))


def told(report: Report) -> dict[str, Any]:
    """Return what became of each task."""
    return {
        task.instance_id: {
            "result": task.state,
            "lost_at": task.stage,
            "patched": task.decision is not None and bool(task.decision.patch),
            "story": dict(task.story.lines),
        }
        for task in report.tasks
    }


def exported(record: Record, folder: Path) -> None:
    """Check what is handed on: predictions, trajectories as mini-swe-agent has them, the official summary."""
    stored, export = Run.load(folder), folder / "export"
    done = run(runoff("export", str(folder)), timeout=300, quiet=True)
    lines = [json.loads(line) for line in (export / PREDICTIONS).read_text().splitlines()]
    record.check("all_preds.jsonl has a line a task", len(lines) == len(stored.instances), done.last_line)
    predicted = json.loads((folder / "preds.json").read_text())
    same = all(one["model_patch"] == predicted[one["instance_id"]]["model_patch"] for one in lines)
    record.check("the exported patches are those of preds.json", same and len(predicted) == len(lines), len(predicted))
    statuses = {}
    for name in stored.instances:
        made = json.loads((export / name / f"{name}.traj.json").read_text())
        statuses[name] = made["info"]["exit_status"]
        roles = {message["role"] for message in made["messages"]}
        right = {"system", "user", "assistant", "exit"} <= roles or not made["info"]["model_stats"]["api_calls"]
        record.check(
            f"{name}.traj.json has the whole talk", right, f"{len(made['messages'])} messages, {sorted(roles)}"
        )
    record.figures["exit_statuses"] = statuses
    record.check("the official summary is there", bool(list(folder.glob("*.tools-rows.json"))), "")


def shown(record: Record, folder: Path, report: Report) -> None:
    """Check that ``inspect`` shows each task, its trajectories with their steps, and the report's word on it."""
    for task in report.tasks:
        seen = run(runoff("inspect", str(folder), task.instance_id), timeout=120, quiet=True).output
        record.check(f"{task.instance_id}: inspect agrees with the report", f"grade: {task.state}" in seen, task.state)
        edit = run(runoff("inspect", str(folder), task.instance_id, "edit-0"), timeout=120, quiet=True)
        fine = edit.exit_code == 0 and "answer (step" in edit.output and "ended: " in edit.output
        record.check(f"{task.instance_id}: inspect shows edit-0", fine, edit.last_line[:200])
    text = run(runoff("report", str(folder)), timeout=120, quiet=True)
    record.check("report says the same again", text.exit_code == 0 and report.headline in text.output, report.headline)
    page = (folder / "report.html").read_text()
    record.check("the page names every task", all(task.instance_id in page for task in report.tasks), len(page))


def main() -> None:
    """Check the rows, run them to the graded report, and look at all that is left on disk."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--develop", action="store_true", help="another row, and no record in docs/measurements")
    options.add_argument("--prepare", action="store_true", help="only build the images and check the rows")
    given = options.parse_args()
    rows = DEVELOPED if given.develop else REPORTED
    home = _FOLDER.with_name("tools-rows-developed") if given.develop else _FOLDER
    record = Record("tools_rows", n=len(rows), unit="tasks", seed=SEED)
    with recording(record, home if given.develop or given.prepare else MEASUREMENTS):
        file = laid(rows, home / "sources")
        sound(record, file, home / "validate")
        if given.prepare:
            return
        folder = home / "tools-rows"
        done = resolve(file, folder)
        record.check("the run ends well", done.exit_code == 0, f"exit code {done.exit_code}: {done.last_line}")
        report = Report.model_validate_json((folder / "report.json").read_bytes())
        record.figures |= {"tasks": told(report), "resolved": sum(task.resolved for task in report.tasks)}
        record.figures |= {"run_seconds": round(done.seconds), "steps": steps(folder), "settings": _SETTINGS}
        graded = [task.instance_id for task in report.tasks if task.state in (TaskState.RESOLVED, TaskState.UNRESOLVED)]
        record.check("every task is decided and graded", len(graded) == len(rows), graded)
        record.check("the model's answers were carried out", "command" in steps(folder), sorted(steps(folder)))
        shown(record, folder, report)
        exported(record, folder)
        left = subprocess.run(
            ["docker", "ps", "-aq", "--filter", f"label=dev.runoff.run={Run.load(folder).id}"], capture_output=True
        )
        record.check("no container is left", not left.stdout.strip(), left.stdout.decode())
        record.notes.append("The rows' trees are releases' sdists; the model is the embedded one, at what it can do.")


if __name__ == "__main__":
    main()
