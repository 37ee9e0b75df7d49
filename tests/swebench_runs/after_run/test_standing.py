"""How a run stands is read from its folder: states, nodes, what was spent, rate and time left."""

import json
import subprocess
import sys
from datetime import datetime, timedelta

import pytest
from pydantic import BaseModel

from environments.task import Task
from swebench_runs.after_run.standing import standing
from swebench_runs.config import RunConfig
from swebench_runs.run_folder.store import Run


class Decision(BaseModel):
    patch: str = "p"
    abstained: bool = False


NAMES = ("done", "running", "failed", "waiting")


@pytest.fixture
def run(tmp_path):
    tasks = [Task(instance_id=name, repo="r", base_commit="c", problem_statement="s") for name in NAMES]
    with Run.start(tmp_path / "r", RunConfig(model="openai/x"), tasks) as run:
        for name, node in (("done", "n1"), ("running", "n2"), ("failed", "n1")):
            run.task(name).event("begun", node=node)
        run.task("running").event("infrastructure_error", reason="node lost")
        run.task("running").event("begun", node="n3")
        run.task("running").event("stage_start", stage="edits")
        run.task("failed").event("infrastructure_error", reason="no space\x1b[2J left")
        run.task("done").write("decision.json", Decision())
        run.task("done").event("decided")
        journal = run.task("running").journal_path("edit")
        journal.parent.mkdir()
        answer = {"usage": {"prompt_tokens": 900, "completion_tokens": 100}, "cost": 0.5}
        journal.write_text(json.dumps({"kind": "model", "answer": answer}) + "\n")
        yield run


def test_tasks_stand_by_their_last_event(run):
    began = datetime.fromisoformat(run.header["started"])
    found = standing(run, began + timedelta(hours=1))
    assert [(task.name, task.state, task.node, task.stage) for task in found.tasks] == [
        ("done", "done", "n1", ""),
        ("running", "running", "n3", "edits"),
        ("failed", "failed", "n1", "no space\x1b[2J left"),
        ("waiting", "waiting", "", ""),
    ]
    assert (found.per_hour, found.seconds_left, found.driven) == (1.0, 3 * 3600.0, True)
    assert (found.spent.calls, found.spent.tokens, found.spent.money) == (1, 1000, "$0.50")
    assert {node: (len(done), len(now)) for node, (done, now) in found.by_node().items()} == {
        "n1": (1, 0),
        "n3": (0, 1),
    }


def test_the_command_tells_it_from_another_process_and_writes_nothing(run):
    before = sorted((path, path.stat().st_mtime_ns) for path in run.path.rglob("*"))
    command = [sys.executable, "-c", "from swebench_runs.cli import main; main()", "status", str(run.path)]
    told = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    assert "4 tasks: 1 done, 1 running, 1 failed, 1 waiting" in told
    assert "stopped" not in told
    assert "failed failed: no space" in told
    assert "\x1b" not in told
    run.close()
    told = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    assert "4 tasks: 1 done, 1 stopped, 1 failed, 1 waiting" in told
    assert "stopped: no command works on it now; the same command goes on" in told
    assert "1 running" not in told
    assert sorted((path, path.stat().st_mtime_ns) for path in run.path.rglob("*")) == before
