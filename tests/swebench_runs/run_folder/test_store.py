"""A run's files: whole at every moment, resumable, one process at a time."""

import errno
import json
import os
import signal
import subprocess
import sys

import pytest
import yaml
from pydantic import BaseModel

from environments.record_file import append_line
from environments.task import Task
from swebench_runs.config import RunConfig, load
from swebench_runs.errors import UsageError
from swebench_runs.run_folder import resuming
from swebench_runs.run_folder.changeable import FREE_TO_CHANGE, KEPT
from swebench_runs.run_folder.files import read_values, write_whole
from swebench_runs.run_folder.folder_lock import FolderLock
from swebench_runs.run_folder.predictions import system_name
from swebench_runs.run_folder.store import Run
from swebench_runs.run_folder.task_folder import SO_FAR, TaskFolder


class Decision(BaseModel):
    patch: str
    abstained: bool = False


TASK = Task(instance_id="pkg__pkg-1", repo="pkg", base_commit="c", problem_statement="s")


def test_a_run_begins_and_loads(tmp_path):
    with Run.start(tmp_path / "r", RunConfig(turns=7), [TASK]):
        pass
    run = Run.load(tmp_path / "r")
    assert (run.id, run.config.turns, run.instances) == ("r", 7, (TASK.instance_id,))
    assert run.task(TASK.instance_id).read("task.json", Task) == TASK
    header = yaml.safe_load((tmp_path / "r/run.yaml").read_text())
    assert header["schema"] == 1
    assert header["versions"]["runoff"]
    assert header["machine"]["cores"] >= 1


def test_resuming_keeps_the_start_and_what_was_made(tmp_path):
    with Run.start(tmp_path, RunConfig(), [TASK]) as first:
        first.task(TASK.instance_id).write("decision.json", Decision(patch="p"))
    with Run.start(tmp_path, RunConfig(workers=5), [TASK]) as second:
        assert second.decided(TASK.instance_id)
        assert second.header["started"] == first.header["started"]
        assert second.config.workers == 5


def test_a_run_whose_tasks_are_all_decided_keeps_the_models_that_made_it(tmp_path):
    other = named("pkg__pkg-2")
    with Run.start(tmp_path, load(["model=openai/gpt-4.1"]), [TASK]) as first:
        first.task(TASK.instance_id).write("decision.json", Decision(patch="p"))
    with Run.start(tmp_path, load(["model=openai/gpt-5", "workers=5"]), [TASK]) as again:
        assert (again.config.models, again.config.workers) == (("openai/gpt-4.1",), 5)
    with Run.start(tmp_path, load(["model=openai/gpt-5"]), [TASK, other]) as more:
        assert more.config.models == ("openai/gpt-5",)
        assert more.header["changes"][-1]["keys"]["model"] == {"was": "openai/gpt-4.1", "is": "openai/gpt-5"}


def named(name):
    return TASK.model_copy(update={"instance_id": name})


def answer(run, name=TASK.instance_id, journal="edit-0"):
    """Put a model's answer on record, as a trajectory does."""
    path = run.task(name).path / "trajectories" / f"{journal}.jsonl"
    append_line(path, {"schema": 1, "header": {}})
    append_line(path, {"step": 0, "kind": "model", "key": "k", "answer": {}})


def start(path, *keys, tasks=(TASK,), **source):
    return Run.start(path, load(keys), list(tasks), source=source)


def test_before_the_first_answer_everything_may_change(tmp_path):
    with start(tmp_path, "model=wrong", "seed=1", sha256="1") as run:
        run.task(TASK.instance_id).write("context.json", Decision(patch="of the first seed"))
    with start(tmp_path, "model=right", "seed=2", "context_tokens=9", "judge=on", sha256="2") as run:
        assert run.config.model == "right"
        assert not run.task(TASK.instance_id).has("context.json")
    assert list(tmp_path.glob("superseded/*/tasks/*/context.json"))


@pytest.mark.parametrize(
    "key",
    [
        *("seed=4", "reasoning_effort=low", "temperatures=[0]", "context_tokens=9", "answer_tokens=9", "rule=first"),
        *("subset=lite", "split=dev", "sandbox.kind=bubblewrap", "suite_timeout=3", "base_image=x"),
    ],
)
def test_after_it_what_makes_records_incomparable_may_not_and_one_line_says_which(tmp_path, key):
    with start(tmp_path) as run:
        answer(run)
    name, _, value = key.partition("=")
    with pytest.raises(UsageError, match=rf"another {name} \(.*now .*--redo-existing.*another -o") as told:
        start(tmp_path, key)
    assert value.strip("[]") in str(told.value)
    assert "\n" not in str(told.value)
    start(tmp_path).close()


def test_after_it_other_rows_are_refused(tmp_path):
    with start(tmp_path, sha256="1") as run:
        answer(run)
    with pytest.raises(UsageError, match="another rows"):
        start(tmp_path, sha256="2")


@pytest.mark.parametrize(
    "key",
    [
        *("api_base=http://elsewhere/v1", "workers=9", "limits.task.cost=1", "limits.run.tokens=1", "grade_timeout=9"),
        *("limits.trajectory.seconds=1", "trajectories=9", "tests=0", "turns=9", "test_turns=1", "runoff_turns=0"),
        *(
            "model=other",
            "roles.judge=other",
            "scaffold=tools",
            "judge=off",
            "abstain=true",
            "repos=/x",
            "pull=true",
            "early_stop=false",
            "price.policy=zero",
            "slice=0:1",
        ),
    ],
)
def test_after_it_what_leaves_records_comparable_may_change_and_is_on_record(tmp_path, key):
    with start(tmp_path) as run:
        answer(run)
    with start(tmp_path, key) as run:
        assert run.task(TASK.instance_id).journals()
    [change] = yaml.safe_load((tmp_path / "run.yaml").read_text())["changes"]
    values = change["keys"][key.partition("=")[0]]
    assert values["was"] != values["is"]


def test_why_a_key_is_kept_and_what_becomes_of_a_change_are_said(tmp_path):
    with start(tmp_path) as run:
        answer(run)
    with pytest.raises(UsageError, match=r"rule \(runoff, now first\): decisions by two rules"):
        start(tmp_path, "rule=first")
    with start(tmp_path, "model=other", "limits.task.cost=1") as run:
        model, limit = sorted(resuming.told(run.header), reverse=True)
        assert model.startswith("changed: model was local, is other: a trajectory keeps the model")
        assert limit.startswith("changed: limits.task.cost was none, is 1.0: trajectories that a limit has ended stay")
    with start(tmp_path, "model=other", "limits.task.cost=1") as run:
        assert resuming.told(run.header) == []


def test_every_key_is_free_or_kept_and_none_is_both():
    assert not FREE_TO_CHANGE.keys() & KEPT.keys()
    assert (FREE_TO_CHANGE.keys() | KEPT.keys()) - {"rows"} <= RunConfig.model_fields.keys()


@pytest.mark.parametrize(
    ("keys", "changes", "name"),
    [
        (["model=a/x"], [], "runoff-a/x"),
        (["model=a, b=2", "roles.judge=j"], [], "runoff-a+b"),
        (["model=a", "roles.edit=b"], [], "runoff-b"),
        (["model=a"], [{"keys": {"model": {"was": "old, a", "is": "a"}}}], "runoff-a+old"),
        (["model=a,b,c,d,e"], [], "runoff-a+b+c+2-more"),
    ],
)
def test_predictions_are_named_after_the_models_that_edit(keys, changes, name):
    assert system_name(load(keys), changes) == name


def test_other_tasks_join_those_that_were_begun(tmp_path):
    with start(tmp_path, tasks=[named(name) for name in "abce"]) as run:
        answer(run, "a")
        answer(run, "e")
        run.task("c").write("decision.json", Decision(patch="p"))
    with start(tmp_path, tasks=[named("d"), named("a")]) as run:
        assert run.instances == ("a", "c", "e", "d")
    assert Run.load(tmp_path).instances == ("a", "c", "e", "d")


def test_trajectories_on_record_are_counted_by_their_answers(tmp_path):
    with start(tmp_path) as run:
        answer(run, journal="edit-3")
        answer(run, journal="edit-odd")
        append_line(run.task(TASK.instance_id).path / "trajectories/edit-5.jsonl", {"schema": 1, "header": {"a": 1}})
        folder = run.task(TASK.instance_id)
        assert (folder.recorded("edit"), folder.recorded("test")) == (4, 0)
        assert (folder.header("edit", 5), folder.header("edit", 9)) == ({"a": 1}, {})


def test_a_task_whose_folder_has_no_room_keeps_no_other_from_being_started(tmp_path, monkeypatch):
    write = TaskFolder.write

    def full(self, name, data):
        if self.id == "a":
            raise OSError(errno.ENOSPC, "No space left on device")
        write(self, name, data)

    monkeypatch.setattr(TaskFolder, "write", full)
    with start(tmp_path, tasks=[named("a"), named("b")]) as run:
        assert (run.task("a").has("task.json"), run.task("b").has("task.json")) == (False, True)
        run.put(named("b"))
        with pytest.raises(OSError, match="No space left"):
            run.put(named("a"))  # as it is worked on


def test_a_task_that_is_on_file_is_not_written_again(tmp_path, monkeypatch):
    start(tmp_path).close()
    with monkeypatch.context() as patched:
        patched.setattr(TaskFolder, "write", None)
        start(tmp_path).close()
    other = TASK.model_copy(update={"problem_statement": "told better"})
    with start(tmp_path, tasks=[other]) as run:
        assert run.task(TASK.instance_id).read("task.json", Task) == other


def test_redo_sets_the_old_run_aside_and_loses_nothing(tmp_path):
    with Run.start(tmp_path, RunConfig(), [TASK]) as first:
        first.task(TASK.instance_id).write("decision.json", Decision(patch="p"))
    with Run.start(tmp_path, RunConfig(turns=9), [TASK], redo=True) as second:
        assert not second.decided(TASK.instance_id)
    assert len(list(tmp_path.glob("superseded/*/tasks/*/decision.json"))) == 1


def test_two_runs_in_one_folder_are_refused_and_name_the_owner(tmp_path):
    with Run.start(tmp_path, RunConfig(), [TASK]), pytest.raises(UsageError, match=f"process {os.getpid()}"):
        Run.start(tmp_path, RunConfig(), [TASK])
    Run.start(tmp_path, RunConfig(), [TASK]).close()


def test_the_lock_of_a_killed_process_is_free(tmp_path):
    code = (
        "import sys, pathlib, swebench_runs.run_folder.folder_lock as f\n"
        "f.FolderLock(pathlib.Path(sys.argv[1])); print(1, flush=True)\n"
    )
    holder = subprocess.Popen([sys.executable, "-c", f"{code}sys.stdin.read()", str(tmp_path)], stdin=-1, stdout=-1)
    assert holder.stdout.readline() == b"1\n"
    with pytest.raises(UsageError, match=f"process {holder.pid}"):
        FolderLock(tmp_path)
    holder.send_signal(signal.SIGKILL)
    holder.communicate()
    FolderLock(tmp_path).release()


def test_predictions_are_made_whole_from_decisions(tmp_path):
    other = TASK.model_copy(update={"instance_id": "pkg__pkg-2"})
    with Run.start(tmp_path, RunConfig(), [TASK, other]) as run:
        run.task(TASK.instance_id).write("decision.json", Decision(patch="diff", abstained=True))
        found = json.loads(run.write_predictions().read_text())
    assert found == {
        TASK.instance_id: {
            "instance_id": TASK.instance_id,
            "model_name_or_path": "runoff-local",
            "model_patch": "diff",
            "abstained": True,
        }
    }


def test_only_abstain_withholds_the_patch(tmp_path):
    with Run.start(tmp_path, RunConfig(abstain=True), [TASK]) as run:
        run.task(TASK.instance_id).write("decision.json", Decision(patch="diff", abstained=True))
        found = json.loads(run.write_predictions().read_text())
    assert found[TASK.instance_id]["model_patch"] == ""


@pytest.mark.parametrize("abstain", [False, True])
def test_an_undecided_task_hands_in_its_best_so_far_marked_and_nothing_where_weak_patches_are_withheld(
    tmp_path, abstain
):
    with Run.start(tmp_path, RunConfig(abstain=abstain), [TASK]) as run:
        run.task(TASK.instance_id).write(SO_FAR, Decision(patch="diff"))
        found = json.loads(run.write_predictions().read_text())
    told = [(entry["model_patch"], entry["best_so_far"]) for entry in found.values()]
    assert told == ([] if abstain else [("diff", True)])


def test_a_torn_event_is_cut_off_and_the_log_goes_on(tmp_path):
    with Run.start(tmp_path, RunConfig(), [TASK]) as run:
        folder = run.task(TASK.instance_id)
    folder.event("stage", name="context")
    with folder.events_path.open("ab") as file:
        file.write(b'{"event": "sta')
    folder.event("stage", name="edits")
    assert [line["name"] for line in folder.events()] == ["context", "edits"]
    assert folder.events_path.read_bytes().count(b"\n") == 2


def test_text_that_is_no_unicode_survives(tmp_path):
    with Run.start(tmp_path, RunConfig(), [TASK]) as run:
        folder = run.task(TASK.instance_id)
        folder.write("decision.json", Decision(patch="\udcff caf\u00e9"))
        assert folder.read("decision.json", Decision).patch == "\udcff caf\u00e9"


def test_a_write_that_fails_leaves_the_old_file(tmp_path):
    write_whole(tmp_path / "f", "old")
    (tmp_path / ".f.tmp").mkdir()
    with pytest.raises(IsADirectoryError):
        write_whole(tmp_path / "f", "new")
    assert (tmp_path / "f").read_text() == "old"


@pytest.mark.parametrize("name", ["../x", "a/b", ".hidden", "", "a b"])
def test_an_instance_id_cannot_leave_the_folder(tmp_path, name):
    with Run.start(tmp_path, RunConfig(), [TASK]) as run, pytest.raises(UsageError):
        run.task(name)


@pytest.mark.parametrize(
    "content", ['{"schema": 99}', "{", "[]", "[" * 100_000, '{"schema": 1, "a": [' + "0," * 2_000_000 + "0]}"]
)
def test_a_file_of_another_version_or_a_damaged_one_is_refused_in_one_line(tmp_path, content):
    (tmp_path / "f.json").write_text(content)
    with pytest.raises(UsageError, match=str(tmp_path)):
        read_values(tmp_path / "f.json")


def test_what_is_no_run_is_refused(tmp_path):
    with pytest.raises(UsageError, match=r"no run\.yaml"):
        Run.load(tmp_path)


def test_time_between_two_sittings_is_no_work(tmp_path):
    with Run.start(tmp_path, RunConfig(), [TASK]) as run:
        folder = run.task(TASK.instance_id)
    for event, stage, second in [
        ("stage_start", "edits", 0),
        ("stage_start", "edits", 30),
        ("stage_end", "edits", 33),
        ("stage_start", "votes", 40),
    ]:
        at = f"2026-01-01T00:00:{second:02}+00:00"
        append_line(folder.events_path, {"schema": 1, "at": at, "event": event, "stage": stage})
    assert folder.working_seconds() == 3


def test_a_clock_that_is_set_while_a_stage_runs_makes_it_no_longer(tmp_path):
    with Run.start(tmp_path, RunConfig(), [TASK]) as run:
        folder = run.task(TASK.instance_id)
    for day, more in ((1, {"event": "stage_start"}), (9, {"event": "stage_end", "seconds": 33.5})):
        at = f"2026-01-{day:02}T00:00:00+00:00"
        append_line(folder.events_path, {"schema": 1, "at": at, "stage": "edits", **more})
    assert folder.working_seconds() == 33.5


def test_a_command_that_names_its_own_folder_is_not_told_of_an_output(tmp_path):
    changed = {"model": {"was": "a", "is": "b"}}
    assert "another -o" in str(resuming.refuse(tmp_path, changed))
    told = str(resuming.refuse(tmp_path, changed, own_folder=True))
    assert "another -o" not in told
    assert told.endswith("--redo-existing to set the answers aside and begin anew")


def test_trajectories_are_listed_by_kind_and_number_the_runoff_last(tmp_path):
    with start(tmp_path) as run:
        folder = run.task(TASK.instance_id)
        for kind, index in (("runoff", 0), ("edit", 10), ("test", 0), ("edit", 2)):
            folder.journal_path(kind, index).parent.mkdir(exist_ok=True)
            folder.journal_path(kind, index).touch()
        assert [path.stem for path in folder.journals()] == ["edit-2", "edit-10", "test-0", "runoff"]
