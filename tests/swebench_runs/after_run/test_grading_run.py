"""A run of the starter split graded: real packages, real hidden tests, then every figure from the files."""

import io
import json
import shutil

import pytest
from rich.console import Console

from agent.patch import make_patch
from agent.trajectory.trajectory import Ending, Trajectory
from agent.trajectory.transcript import transcript
from environments.synthesis.sdists import unpack
from selection.candidates import candidates_of
from selection.decision import Decision
from swebench_runs import splits
from swebench_runs.after_run.grade_book import Page, read_page, write_page
from swebench_runs.after_run.grade_run import grade_run
from swebench_runs.after_run.graded_tasks import graded_tasks
from swebench_runs.cli.report import write
from swebench_runs.config import RunConfig
from swebench_runs.grades.grading import Grade
from swebench_runs.grades.patch_key import patch_key
from swebench_runs.one_task import pool
from swebench_runs.one_task.pool import Pool
from swebench_runs.one_task.so_far import SoFar
from swebench_runs.run_folder.store import Run
from swebench_runs.run_folder.task_folder import SO_FAR
from swebench_runs.splits.starter_draw import stored
from verifiers.ballot import Ballot


@pytest.fixture(scope="module")
def recipe():
    recipes = [recipe for report in stored().reports.values() for recipe in report.recipes]
    return min(recipes, key=lambda recipe: (len(recipe.pass_to_pass), recipe.instance_id))


@pytest.fixture(scope="module")
def run(tmp_path_factory, recipe):
    """A run of one task whose trajectories repaired the bug, did something else, and nothing."""
    folder = tmp_path_factory.mktemp("run")
    split = splits.load("starter")
    task = next(task for task in split.tasks() if task.instance_id == recipe.instance_id)
    unpack(recipe.package.sdist(), folder / "sdist")
    split.lay_tree(task, folder / "layer")
    file = recipe.mutation.file
    right, wrong = (folder / "sdist" / file).read_bytes(), (folder / "layer/testbed" / file).read_bytes()
    patches = [
        make_patch({file: wrong}, {file: right}),
        make_patch({file: wrong}, {file: wrong + b"\n# nothing\n"}),
        "",
    ]
    trajectories = tuple(
        Trajectory(id=f"edit-{i}", kind="edit", ending=Ending.SUBMITTED, patch=p) for i, p in enumerate(patches)
    )
    candidates, entries = candidates_of(trajectories, lambda path: (folder / "layer/testbed" / path).read_bytes())
    config = RunConfig(trajectories=3, instances=(task.instance_id,))
    with Run.start(folder / "r", config, [task]) as made:
        store = made.task(task.instance_id)
        store.write(pool.FILE, Pool(trajectories=trajectories, candidates=candidates, entries=entries))
        store.write("ballot.json", Ballot(entries=entries, candidates=candidates, tests=(), outcomes={}))
        chosen = candidates[0]
        decision = Decision(candidate=chosen.id, patch=chosen.patch, rule="first", abstained=True, reason="No test.")
        store.write("decision.json", decision)
        store.event("stage_start", stage="edits")
        store.event("stage_end", stage="edits")
    return made


def quiet():
    return Console(file=io.StringIO(), width=160)


def test_what_is_handed_in_is_graded_and_nothing_else_unless_asked(run, recipe):
    assert grade_run(run, quiet()).decided == [recipe.instance_id]
    assert [grade.outcome for grade in read_page(run, recipe.instance_id).grades.values()] == ["resolved"]
    [task] = graded_tasks(run)
    assert (task.evaluated, len(task.ungraded)) == (True, 1)
    assert grade_run(run, quiet()).decided == []


def test_the_right_patch_is_resolved_and_the_wrong_one_is_not(run, recipe):
    result = grade_run(run, quiet(), everything=True)
    assert result.decided == [recipe.instance_id]
    grades = [grade.outcome for grade in read_page(run, recipe.instance_id).grades.values()]
    assert grades == ["resolved", "unresolved"]
    assert grade_run(run, quiet(), everything=True).decided == []
    assert not list((run.path / "tasks").rglob("*grad*"))


def test_grades_and_files_join_into_a_graded_task(run, recipe):
    grade_run(run, quiet(), everything=True)
    [task] = graded_tasks(run)
    assert task.evaluated
    assert (task.attempts, task.successes) == (3, 1)
    assert task.decided_right
    assert task.cluster == recipe.package.name
    assert [t.patched for t in task.trajectories] == [True, True, False]
    assert task.context_hit is None


def test_the_report_is_made_of_the_files(run, recipe):
    grade_run(run, quiet(), everything=True)
    console = quiet()
    write(run, console)
    assert "1 of 1 task resolved" in console.file.getvalue()
    assert json.loads((run.path / "report.json").read_text())["tasks"][0]["instance_id"] == recipe.instance_id
    assert recipe.instance_id in (run.path / "report.html").read_text()


def test_a_conversation_is_put_together_from_what_each_step_added():
    def step(kept, messages, answer):
        added = [{"role": "user", "content": text} for text in messages]
        request = {"messages": added, "messages_kept": kept}
        return {"kind": "model", "request": request, "answer": {"choices": [{"content": answer}]}}

    lines = [{"header": {}}, step(0, ["a", "b"], "one"), {"kind": "run"}, step(1, ["c"], "two")]
    assert [message.content for message in transcript(lines)] == ["a", "c", "two"]
    assert transcript([]) == ()


def test_a_task_without_a_decision_is_told_with_its_best_patch_and_why(run, recipe, tmp_path):
    shutil.copytree(run.path, tmp_path / "run")
    cut_off = Run.load(tmp_path / "run")
    folder = cut_off.task(recipe.instance_id)
    best = folder.read("ballot.json", Ballot).candidates[0]
    so_far = SoFar(candidate=best.id, patch=best.patch, trajectories=("edit-0",), verified=False, ended=1)
    folder.write(SO_FAR, so_far)
    (folder.path / "decision.json").unlink()
    folder.event("infrastructure_error", reason="no space left", traceback="")
    write_page(cut_off, recipe.instance_id, Page())
    [task] = graded_tasks(cut_off)
    assert (task.state, task.failure, task.so_far, task.so_far_grade) == ("undecided", "no space left", best.patch, "")
    write_page(cut_off, recipe.instance_id, Page(grades={patch_key(best.patch): Grade(outcome="resolved")}))
    [task] = graded_tasks(cut_off)
    assert (task.state, task.so_far_grade) == ("undecided", "resolved")
