"""``runoff verifier calibrate``: by what a run has on record, and by asking a model over a pool."""

import json
import threading

import pytest

from agent.models.profiles import ModelProfile
from agent.models.scripted import ScriptedModel
from agent.trajectory.budget import Ledger
from swebench_runs.calibrating.asking import RecordedAsk, heard_over
from swebench_runs.calibrating.sources import labels, to_ask
from swebench_runs.calibrating.worth import worth_of
from swebench_runs.errors import UsageError


def diff(line):
    return f"--- a/m.py\n+++ b/m.py\n@@ -1 +1 @@\n-a = 1\n+a = {line!r}\n"


@pytest.fixture
def pool(tmp_path):
    rows = []
    for number in range(12):
        name = f"own__repo{number % 3}-{number}"
        rows += [{"instance_id": name, "model_patch": diff(f"right {number} {i}"), "resolved": True} for i in range(5)]
        rows += [{"instance_id": name, "model_patch": diff(f"wrong {number} {i}"), "resolved": False} for i in range(5)]
    rows.append({"instance_id": "own__repo0-99", "model_patch": diff("right"), "resolved": True})
    (tmp_path / "pool.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))
    return tmp_path / "pool.jsonl"


@pytest.fixture
def issues(tmp_path):
    rows = [{"instance_id": f"own__repo{n % 3}-{n}", "problem_statement": "It is wrong."} for n in range(12)]
    (tmp_path / "issues.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))
    return tmp_path / "issues.jsonl"


def knowing(request):
    """A model that knows, but for one task in four."""
    text = request.messages[-1].content
    right = "right" in text.partition("# Proposed change")[2].partition("# Request")[0]
    return "YES" if right != (" 3 " in text or " 7 " in text) else "NO"


def test_tasks_are_drawn_by_seed_with_right_and_wrong_patches_of_each(pool, issues):
    tasks = to_ask([pool], [issues], draw=5, most=2, seed=1)
    assert len(tasks) == 5
    assert [sorted(labels(task).values()) for task in tasks] == [[False, False, True, True]] * 5
    assert tasks == to_ask([pool], [issues], draw=5, most=2, seed=1)
    assert [t.instance_id for t in tasks] != [t.instance_id for t in to_ask([pool], [issues], draw=5, most=2, seed=2)]


def test_a_pool_without_anything_to_tell_apart_is_a_usage_error(pool):
    pool.write_text(pool.read_text().splitlines()[-1] + "\n")
    with pytest.raises(UsageError, match="nothing to tell apart"):
        to_ask([pool], [], draw=None, most=2, seed=1)


def test_a_task_whose_issue_nobody_gave_is_a_usage_error(pool):
    with pytest.raises(UsageError, match=r"12 of 12 tasks\): give --statements"):
        to_ask([pool], [], draw=None, most=2, seed=1)


def test_what_ends_the_hearing_ends_the_asking(pool, issues, tmp_path):
    def interrupted(request):
        if "wrong 0 " in (text := request.messages[-1].content) or "right 0 " in text:  # of the first task
            raise KeyboardInterrupt
        stop.wait(100)
        return "YES"

    model, stop = ScriptedModel(interrupted), threading.Event()
    ask = RecordedAsk(model, ModelProfile(), Ledger(), tmp_path / "answers.jsonl", 0)
    tasks = to_ask([pool], [issues], draw=None, most=2, seed=0)
    with pytest.raises(KeyboardInterrupt):
        heard_over(tasks, "p-yes", ask, at_once=2, stop=stop)
    assert stop.is_set()
    assert len(model.requests) <= 4


def test_a_judge_is_heard_over_a_pool_and_goes_on_where_it_was_cut_off(pool, issues, tmp_path):
    tasks = to_ask([pool], [issues], draw=None, most=2, seed=0)

    def ask(model, **how):
        return RecordedAsk(model, ModelProfile(**how), Ledger(), tmp_path / "answers.jsonl", 0)

    first = ask(model := ScriptedModel(knowing))
    found = heard_over(tasks, "p-yes", first, at_once=3)
    worth = worth_of(found)
    assert (first.asked, len(model.requests)) == (48, 48)
    assert (worth.auc, worth.tasks, worth.pairs, worth.missing) == (pytest.approx(10 / 12), 12, 48, 0)
    assert worth.earned
    again = ask(ScriptedModel([]))
    assert heard_over(tasks, "p-yes", again) == found
    assert again.asked == 0
    harder = ask(ScriptedModel(knowing), reasoning_effort="high")
    heard_over(tasks[:1], "p-yes", harder)
    assert harder.asked == 4
    assert threading.active_count() < 20
