"""An issue whose example is as it should be on the base stops ``runoff fix`` before a model is asked."""

import threading
from types import SimpleNamespace

import pytest

from agent.models.scripted import ScriptedModel
from agent.trajectory.budget import Ledger
from environments.record_file import append_line
from environments.sandboxes.lease import NoLease
from environments.task import Task
from environments.workbench.outcome import Outcome
from swebench_runs.config import parse
from swebench_runs.one_task import stages
from swebench_runs.one_task.ground.issue_examples import look_at_examples
from swebench_runs.one_task.ground.preflight import NothingFails
from swebench_runs.one_task.places import Places
from swebench_runs.one_task.progress import Silence
from swebench_runs.one_task.task_run import Shared, TaskRun
from swebench_runs.one_task.work import Work
from swebench_runs.run_folder.task_folder import TaskFolder
from verifiers.examples import convert_examples

SESSION = "total is wrong\n\n```python\n>>> from shop import total\n>>> total([0, {}])\n5\n```\n\n"
RIGHT, WRONG = SESSION.format(4), SESSION.format("4, 4")
EXPECTED = "I expected `4`.\n"
UNSAID = "Before that\n\n```python\nimport shop\nshop.load(1)\n```\n\nThen this.\n\n"


class Told(Silence):
    def __init__(self):
        self.lines = []

    def note(self, task, text):
        self.lines.append(text)


@pytest.fixture
def ground(tmp_path):
    """What is looked at beside the examples: everything of a task's work but its sandbox."""

    def made(statement, **keys):
        config = parse({"model": "scripted", "subset": "fix", **keys})
        task = Task(instance_id="shop-1", repo="shop", base_commit="c", problem_statement=statement)
        return SimpleNamespace(config=config, progress=Told(), task=task, folder=TaskFolder(tmp_path / "shop-1"))

    return made


def looked(work, outcome=Outcome.PASS):
    conversion = convert_examples(work.task.problem_statement)
    look_at_examples(work, conversion, {test.id: outcome for test in conversion.tests})
    return " ".join(work.progress.lines)


def test_what_is_right_already_stops_the_stage_and_says_what_to_do(shop, bench, ground, tmp_path):
    made = ground(RIGHT + EXPECTED)
    shared = Shared(
        model=ScriptedModel(lambda request: ""),
        config=made.config,
        lease=NoLease(),
        progress=made.progress,
        stop=threading.Event(),
        live=Places(2),
    )
    task = shop.task.model_copy(update={"problem_statement": RIGHT + EXPECTED})
    ledger = Ledger(made.config.limits.task)
    run = TaskRun(task=task, base=shop.base, folder=made.folder, ledger=ledger, shared=shared)
    with pytest.raises(NothingFails, match=r"does already .* \(total\(\[0, 4\]\)\), and no model was asked: .*--force"):
        stages.convert_issue(Work(run, bench))


def test_force_goes_on_and_says_so(ground):
    assert "goes on, as --force says" in looked(ground(RIGHT + EXPECTED, force=True))


def test_what_fails_says_nothing(ground):
    assert looked(ground(WRONG + EXPECTED), Outcome.FAIL) == ""


@pytest.mark.parametrize("statement", [RIGHT, UNSAID + RIGHT + EXPECTED])
def test_where_another_reason_may_be_it_is_told_and_the_work_goes_on(ground, statement):
    assert "no example of the issue fails on this checkout: total([0, 4])" in looked(ground(statement))


def test_a_split_s_task_and_one_that_was_asked_about_go_on(ground, tmp_path):
    assert looked(ground(RIGHT + EXPECTED, subset="starter")) == ""
    append_line(tmp_path / "shop-1/trajectories/edit-0.jsonl", {"kind": "model"})
    assert looked(ground(RIGHT + EXPECTED)) == ""
