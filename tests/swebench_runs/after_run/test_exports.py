"""A finished run as other tools read it, and tasks that begin anew, over a real run against a scripted endpoint."""

import io
import json
from pathlib import Path

import pytest
from rich.console import Console

from agent.trajectory.trajectory import Ending
from environments.task import EnvironmentSpec, Task
from swebench_runs.after_run.exports import export
from swebench_runs.after_run.grade_book import Page, write_page
from swebench_runs.after_run.official_files import write_official
from swebench_runs.after_run.redo import set_aside
from swebench_runs.after_run.statuses import EXIT_STATUSES, STATUSES, statuses
from swebench_runs.choosing.predictions.forms import form_of
from swebench_runs.cli import run_command
from swebench_runs.config import load
from swebench_runs.errors import UsageError
from swebench_runs.grades.grading import Grade
from swebench_runs.grades.patch_key import patch_key
from swebench_runs.many_tasks.running import run_tasks
from swebench_runs.one_task.ground.base_sandbox import laid, lay
from swebench_runs.run_folder.store import Run

THEIRS = json.loads((Path(__file__).parents[2] / "data/mini_swe_agent/shop__shop-1.traj.json").read_bytes())
SMALL = ["trajectories=1", "tests=0", "turns=1", "runoff_turns=0", "judge=off", "workers=1", "model=openai/scripted"]


@pytest.fixture
def world(tmp_path, scripted_endpoint, monkeypatch):
    monkeypatch.setenv("OPENAI_API_KEY", "none")
    (tmp_path / "source").mkdir()
    (tmp_path / "source/m.py").write_text("def f():\n    return 1\n")
    commit = lay(tmp_path / "source", tmp_path / "layer")
    spec = EnvironmentSpec(packages=("pytest>=8.4",))
    tasks = [
        Task(instance_id=name, repo="m", base_commit=commit, problem_statement="f is wrong.", environment=spec)
        for name in ("a__one-1", "a__two-2")
    ]

    def work(*keys, again=()):
        config = load([*SMALL, f"api_base={scripted_endpoint}", *keys])
        opened = laid(lambda task, layer: lay(tmp_path / "source", layer))
        with Run.start(tmp_path / "run", config, tasks) as run:
            moved = set_aside(run, tasks, again) if again else []
            run_tasks(run, tasks, opened, Console(file=io.StringIO()))
        return run, moved

    return work


def test_trajectories_and_predictions_are_as_peers_write_them(world, tmp_path):
    run, _ = world()
    files = export(run, tmp_path / "out")
    assert [path.relative_to(tmp_path / "out").as_posix() for path in files] == [
        "all_preds.jsonl",
        "a__one-1/a__one-1.traj.json",
        "a__two-2/a__two-2.traj.json",
    ]
    predictions = [json.loads(line) for line in files[0].read_text().splitlines()]
    assert [set(line) for line in predictions] == [{"instance_id", "model_name_or_path", "model_patch"}] * 2
    ours = json.loads(files[1].read_text())
    assert ours.keys() == THEIRS.keys()
    assert ours["trajectory_format"] == THEIRS["trajectory_format"]
    assert {"model_stats", "config", "exit_status", "submission"} <= ours["info"].keys() & THEIRS["info"].keys()
    assert ours["info"]["model_stats"].keys() == THEIRS["info"]["model_stats"].keys()
    assert ours["info"]["submission"] == predictions[0]["model_patch"]
    assert "ANSWER" in ours["info"]["submission"]
    assert ours["info"]["exit_status"] in EXIT_STATUSES.values()
    assert [said["role"] for said in ours["messages"]][-2:] == ["assistant", "exit"]
    assert ours["messages"][-1]["extra"] == {key: ours["info"][key] for key in ("exit_status", "submission")}
    assert form_of(ours) is form_of(THEIRS)


def test_every_ending_has_a_status():
    assert EXIT_STATUSES.keys() == set(Ending)
    assert set(EXIT_STATUSES.values()) < set(STATUSES)


def test_the_command_writes_into_the_runs_folder(world, tmp_path, capsys):
    world()
    assert run_command(["export", str(tmp_path / "run")]) == 0
    assert (tmp_path / "run/export/all_preds.jsonl").is_file()
    assert "2 trajectories" in capsys.readouterr().out


def test_tasks_that_ended_so_begin_anew_and_are_kept(world, tmp_path):
    run, _ = world()
    before = (tmp_path / "run/tasks/a__one-1/decision.json").read_bytes()
    patch = json.loads((tmp_path / "run/preds.json").read_text())["a__one-1"]["model_patch"]
    write_page(run, "a__one-1", Page(grades={patch_key(patch): Grade(outcome="not_evaluated", reason="no engine")}))
    assert "not_evaluated" in statuses(run, "a__one-1")
    assert "not_evaluated" not in statuses(run, "a__two-2")
    run, moved = world(again=["Not_Evaluated"])
    assert moved == ["a__one-1"]
    [aside] = (tmp_path / "run/superseded").iterdir()
    assert (aside / "tasks/a__one-1/decision.json").read_bytes() == before
    assert (aside / "grading/a__one-1.json").is_file()
    assert json.loads((tmp_path / "run/preds.json").read_text()).keys() == {"a__one-1", "a__two-2"}
    assert "not_evaluated" not in statuses(run, "a__one-1")


def test_tasks_that_were_decided_with_fewer_trajectories_go_on_from_what_they_have(world, tmp_path):
    run, _ = world()
    first = run.task("a__one-1").journal_path("edit").read_bytes()
    run, moved = world("trajectories=2")
    assert not moved
    assert "fewer" in statuses(run, "a__one-1")
    run, moved = world("trajectories=2", again=["fewer"])
    assert moved == ["a__one-1", "a__two-2"]
    assert run.task("a__one-1").journal_path("edit").read_bytes() == first
    assert run.task("a__one-1").recorded("edit") == 2
    assert "fewer" not in statuses(run, "a__one-1")


def test_an_unknown_status_is_told(world):
    with pytest.raises(UsageError, match="did you mean LimitsExceeded"):
        world(again=["LimitExceeded"])


def test_the_official_files_tell_what_was_evaluated(world, tmp_path):
    run, _ = world()
    patch = json.loads((tmp_path / "run/preds.json").read_text())["a__one-1"]["model_patch"]
    logs = run.grading / "logs/a__one-1" / patch_key(patch)
    logs.mkdir(parents=True)
    (logs / "test_output.txt").write_text("Cannot allocate memory\n")
    (logs / "report.json").write_text(json.dumps({"a__one-1": {"resolved": False}}))
    path = write_official(run)
    assert path.name == "runoff-openai__scripted.run.json"
    told = json.loads(path.read_text())
    assert (told["total_instances"], told["submitted_instances"], told["unresolved_ids"]) == (2, 2, ["a__one-1"])
    assert (told["error_ids"], told["infra_failure_ids"]) == (["a__two-2"], ["a__one-1"])
    kept = run.path / "logs/run_evaluation/run/runoff-openai__scripted/a__one-1/report.json"
    assert kept.is_file()
