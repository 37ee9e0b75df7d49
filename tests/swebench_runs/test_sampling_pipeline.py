"""One task whose trajectories sample, from its issue to its decision on the real sandbox; a model is scripted."""

import threading

import pytest

from agent.models.scripted import ScriptedModel
from agent.trajectory.budget import Ledger
from agent.trajectory.journal import read_journal
from environments.sandboxes.lease import NoLease
from swebench_runs.config import parse
from swebench_runs.one_task.places import Places
from swebench_runs.one_task.pool import Pool
from swebench_runs.one_task.progress import Silence
from swebench_runs.one_task.task_run import Shared, TaskRun
from swebench_runs.pipeline import resolve
from swebench_runs.run_folder.task_folder import TaskFolder
from verifiers.ballot import Ballot

CONFIG = {"model": "scripted", "scaffold": "sampling", "trajectories": 2, "tests": 0, "turns": 6, "judge": "off"}
FUNCTION = (
    "shop/price.py::total\n```python\ndef total(prices):\n    result = {start}\n    for price in {which}:\n"
    "        result += price\n    return result\n```\n"
)
RIGHT, OTHER = FUNCTION.format(start=0, which="prices"), FUNCTION.format(start=0, which="list(prices)")
WRONG = FUNCTION.format(start=1, which="prices[1:]")


@pytest.fixture
def work(shop, tmp_path):
    def work(model, **changes):
        config = parse(CONFIG | changes)
        shared = Shared(
            model=model,
            config=config,
            lease=NoLease(),
            progress=Silence(),
            stop=threading.Event(),
            live=Places(1),
        )
        folder, ledger = TaskFolder(tmp_path / "shop-1"), Ledger(config.limits.task)
        return resolve(TaskRun(task=shop.task, base=shop.base, folder=folder, ledger=ledger, shared=shared))

    work.folder = TaskFolder(tmp_path / "shop-1")
    return work


def by_format(request):
    lots = [WRONG, OTHER, RIGHT, RIGHT]
    return (
        lots[len(by_format.asked.append(request) or by_format.asked) % 4]
        if "whole new definition" in request.prompt
        else ""
    )


def test_what_samples_agree_on_is_the_answer_and_a_record_that_was_cut_off_goes_on(work):
    by_format.asked = []
    model = ScriptedModel(by_format)
    decision = work(model)
    assert "+    for price in prices:\n" in decision.patch
    assert not decision.abstained
    pool, ballot = work.folder.read("candidates.json", Pool), work.folder.read("ballot.json", Ballot)
    assert [one.scaffold for one in pool.trajectories] == ["sampling", "sampling"]
    assert {entry.by for entry in ballot.entries} == {"edit-0", "edit-1"}
    assert len(ballot.candidates) == 2
    first = read_journal(work.folder.journal_path("edit", 0))[1]
    assert [place["name"] for place in first["answer"]["places"]] == ["total"]

    asked = len(model.requests)
    (work.folder.path / "decision.json").unlink()
    (work.folder.path / "candidates.json").unlink()
    path = work.folder.journal_path("edit", 1)
    path.write_text("\n".join(path.read_text().splitlines()[:-1]) + "\n")
    model.requests.clear()
    assert work(model).patch == decision.patch
    assert len(model.requests) < asked


def test_where_an_example_shows_the_issue_no_test_is_written_beside_it(work):
    by_format.asked = []
    decision = work(ScriptedModel(by_format), tests=2, test_scaffold="sampled-tests")
    assert "+    for price in prices:\n" in decision.patch
    assert list(work.folder.path.rglob("test-*.jsonl")) == []
    [left] = [event for event in work.folder.events() if event["event"] == "tests_left"]
    assert left["why"] == "an example shows the issue"
