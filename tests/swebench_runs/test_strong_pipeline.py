"""A strong model, by its profile, from an issue to its decision with tools; a scripted model drives the exact path."""

import threading

import pytest
from tools_driver import called

from agent.models.scripted import ScriptedModel
from agent.trajectory.budget import Ledger
from environments.sandboxes.lease import NoLease
from swebench_runs.config import parse
from swebench_runs.one_task.places import Places
from swebench_runs.one_task.pool import FILE, Pool
from swebench_runs.one_task.progress import Silence
from swebench_runs.one_task.task_run import Shared, TaskRun
from swebench_runs.pipeline import resolve
from swebench_runs.run_folder.task_folder import TaskFolder
from verifiers.ballot import BASE, Ballot

STRONG = {"match": ["scripted"], "scaffold": "tools", "tools": True, "names_winner": True, "context_tokens": 100000}
CONFIG = {"model": "scripted", "profile": [STRONG], "trajectories": 2, "tests": 1, "turns": 6, "judge": "off"}
REPLACE = {"command": "replace", "path": "shop/price.py", "old_str": "in prices[1:]:"}
CASES = (
    "from shop import total\n\n\ndef test_zero():\n    assert total([0, 4]) == 4\n\n\n"
    "def test_sum():\n    assert total({}) == {}\n"
)


def strong(edits, verdict):
    """A test file, an edit each in the order of ``edits``, and a verdict of the run-off after a test of its own."""
    lock, left = threading.Lock(), list(edits)

    def answer(request):
        opening, step = request.messages[1].content, sum(one.role == "assistant" for one in request.messages)
        if "Write a test that shows the issue" in opening:
            new = {"command": "create", "path": "tests/test_new.py", "file_text": CASES.format([3, 4], 7)}
            return called(("edit", new), ("submit", {}))
        if "Find out which change resolves" in opening:
            write = ("write", {"path": "tests/test_off.py", "content": CASES.format([5], 5)})
            test = ("test", {"path": "tests/test_off.py"})
            return called(("verdict", {"winner": verdict})) if step else called(write, test)
        if step:
            return called(("submit", {}))
        with lock:
            return called(("edit", {**REPLACE, "new_str": left.pop(0)}))

    return ScriptedModel(answer)


@pytest.fixture
def work(shop, tmp_path):
    folder = TaskFolder(tmp_path / "shop-1")

    def work(model):
        config = parse(CONFIG)
        shared = Shared(
            model=model,
            config=config,
            lease=NoLease(),
            progress=Silence(),
            stop=threading.Event(),
            live=Places(2),
        )
        ledger = Ledger(config.limits.task)
        return resolve(TaskRun(task=shop.task, base=shop.base, folder=folder, ledger=ledger, shared=shared))

    work.folder = folder
    return work


def test_a_strong_model_tests_edits_and_decides_with_tools(work):
    decision = work(strong(["in prices:", "in [*prices]:"], "EQUAL"))
    assert decision.runoff.equal
    assert decision.runoff.winner == decision.candidate
    assert "of 1 that reproduce" in decision.runoff.reason
    assert work.folder.header("test", 0)["scaffold"] == "tools-test"
    (test,) = [one.test for one in work.folder.read(FILE, Pool).trajectories if one.kind == "test"]
    assert (test.kind, test.path) == ("module", "tests/test_new.py")
    outcomes = work.folder.read("ballot.json", Ballot).outcomes[test.id]
    assert (outcomes[BASE], outcomes[decision.candidate]) == ("fail", "pass")
    (work.folder.path / "decision.json").unlink()
    assert work(ScriptedModel([])) == decision, "the same from the record, without a model"
