"""Runs put together: nothing doubled, nothing that cannot be compared."""

import json

import pytest
import yaml
from pydantic import BaseModel

from environments.record_file import append_line
from environments.task import Task
from swebench_runs.config import load
from swebench_runs.errors import UsageError
from swebench_runs.run_folder.folder_lock import FolderLock
from swebench_runs.run_folder.merging import differences, merge
from swebench_runs.run_folder.store import Run


class Decision(BaseModel):
    patch: str
    abstained: bool = False


def task(name):
    return Task(instance_id=name, repo="pkg", base_commit="c", problem_statement="s")


@pytest.fixture
def made(tmp_path):
    def make(name, decided, *keys, begun=()):
        path = tmp_path / name
        with Run.start(path, load(["model=openai/x", *keys]), [task(one) for one in [*decided, *begun]]) as run:
            for one, patch in decided.items():
                run.task(one).write("decision.json", Decision(patch=patch))
                run.grading.mkdir(exist_ok=True)
                (run.grading / f"{one}.json").write_text("{}")
        return path

    return make


def test_parts_of_one_configuration_become_one_run(made, tmp_path):
    parts = [made("a", {"t1": "p1", "t3": "p3"}, "slice=1/2"), made("b", {"t2": "p2"}, "slice=2/2", "workers=9")]
    run = merge(parts, tmp_path / "all")
    assert run.instances == ("t1", "t3", "t2")
    assert (run.config.slice, [part["run_id"] for part in run.header["merged"]["parts"]]) == ("", ["a", "b"])
    predictions = json.loads((tmp_path / "all/preds.json").read_text())
    assert {name: entry["model_patch"] for name, entry in predictions.items()} == {"t1": "p1", "t3": "p3", "t2": "p2"}
    assert sorted(path.name for path in run.grading.iterdir()) == ["t1.json", "t2.json", "t3.json"]
    with Run.start(tmp_path / "all", load(["model=openai/x"]), [task("t1"), task("t2"), task("t3")]) as again:
        assert again.decided("t2")


def test_a_task_that_two_runs_name_comes_from_the_one_that_began_it(made, tmp_path):
    parts = [made("a", {"t1": "p1"}, begun=["t2"]), made("b", {"t2": "p2"})]
    run = merge(parts, tmp_path / "all")
    assert run.instances == ("t1", "t2")
    assert all(run.decided(name) for name in run.instances)


def test_a_task_that_two_runs_have_begun_otherwise_is_refused_and_the_same_one_is_not_doubled(made, tmp_path):
    first, second = made("a", {"t1": "p1"}), made("b", {"t1": "another"})
    with pytest.raises(UsageError, match=r"t1 was begun in .*a and in .*b: leave one of the two out"):
        merge([first, second], tmp_path / "all")
    assert merge([first, first], tmp_path / "all").instances == ("t1",)


@pytest.mark.parametrize("key", ["limits.task.tokens=5", "trajectories=9", "turns=7", "early_stop=false"])
def test_what_may_change_in_one_run_may_differ_between_parts_and_is_told(made, tmp_path, key):
    run = merge([made("a", {"t1": "p"}, "workers=2"), made("b", {"t2": "p"}, key)], tmp_path / "all")
    assert run.instances == ("t1", "t2")
    (line,) = differences(run)
    name, _, value = key.partition("=")
    assert line.lower() == f"{tmp_path}/b was made with {name} {value}: its tasks stay as they ended"


@pytest.mark.parametrize(
    "key", ["model=openai/y", "roles.edit=openai/y", "seed=3", "rule=medoid", "sandbox.kind=docker"]
)
def test_what_cannot_be_compared_is_refused_by_name(made, tmp_path, key):
    parts = [made("a", {"t1": "p"}), made("b", {"t2": "p"}, key)]
    with pytest.raises(UsageError, match=f"made with another {key.partition('=')[0]} "):
        merge(parts, tmp_path / "all")
    assert not (tmp_path / "all").exists()


def test_other_rows_a_used_folder_and_a_run_at_work_are_refused(made, tmp_path):
    parts = [made("a", {"t1": "p"}), made("b", {"t2": "p"})]
    header = yaml.safe_load((parts[1] / "run.yaml").read_text())
    (parts[1] / "run.yaml").write_text(yaml.safe_dump({**header, "source": {"sha256": "other"}}))
    with pytest.raises(UsageError, match="began with other rows"):
        merge(parts, tmp_path / "all")
    with pytest.raises(UsageError, match="is not empty"):
        merge(parts[:1], parts[1])
    with FolderLock(parts[0]), pytest.raises(UsageError, match="is being run by process"):
        merge(parts[:1], tmp_path / "all")


def test_a_lock_of_a_task_is_not_copied_and_nothing_of_what_was_done(made, tmp_path):
    part = made("a", {"t1": "p"})
    append_line(part / "tasks/t1/trajectories/edit-0.jsonl", {"kind": "model"})
    (part / "tasks/t1/.lock").touch()
    merge([part], tmp_path / "all")
    assert (tmp_path / "all/tasks/t1/trajectories/edit-0.jsonl").is_file()
    assert not (tmp_path / "all/tasks/t1/.lock").exists()
    assert merge([part, tmp_path / "all"], tmp_path / "again").instances == ("t1",)  # a lock makes no other task
