"""What was done of the checkouts: kept as it was, set aside for its rule, never deleted."""

import json

import pytest

from acceptance.checkouts import kept
from environments.task import Task
from swebench_runs.config import parse
from swebench_runs.run_folder.store import Run

OLD = {
    "id": "p-1",
    "test": "tests.py::t",
    "said": ["Abstained: no patch.", "Took: no model call, 4 min 21 s"],
    "exit_code": 0,
    "seconds": 338.8,
    "patch": "",
    "applies": False,
    "passes": False,
    "broken": [],
    "all_failing_pass": False,
    "touched": [],
}


def test_a_record_of_before_is_read_and_one_without_an_answered_call_is_void(tmp_path):
    (tmp_path / "p-1.json").write_text(json.dumps(OLD))
    old = kept.outcome_of("p-1", tmp_path)
    assert (old.void, old.abstained, old.good, old.answered) == (True, True, True, None)
    asked = old.model_copy(update={"said": ("Abstained: no patch.", "Took: 3 calls")})
    assert not asked.void
    assert asked.model_copy(update={"answered": 0}).void
    assert not asked.model_copy(update={"answered": 0, "patch": "a patch"}).void


def test_what_is_set_aside_stays_and_is_counted(tmp_path):
    for number in range(2):
        kept.keep(kept.Outcome.model_validate(OLD), tmp_path)
        kept.state_of_run("p-1", tmp_path).mkdir()
        kept.set_aside("p-1", tmp_path)
        assert kept.outcome_of("p-1", tmp_path) is None
        assert kept.times_set_aside("p-1", tmp_path) == number + 1
    assert len(list((tmp_path / "aside").iterdir())) == 4


@pytest.mark.parametrize("answered", [0, 2])
def test_the_calls_and_the_wait_before_them_are_read_from_the_runs_record(tmp_path, answered):
    state = tmp_path / "p-1.state"
    task = Task(instance_id="p-abc", repo="p", base_commit="0", problem_statement="it fails")
    with Run.start(state / "runoff/fix/p-abc", parse({"model": "scripted"}), [task]) as run:
        folder = run.task("p-abc")
        folder.event("stage_start", stage="examples")
        folder.event("stage_start", stage="edits")
        lines = [{"schema": 1, "header": {}}]
        usage = {"prompt_tokens": 1, "completion_tokens": 1}
        answer = {"choices": [{"content": "x"}], "usage": usage, "cost": 0.0, "latency": 1.0}
        lines += [{"step": n, "kind": "model", "request": {}, "answer": answer} for n in range(answered)]
        path = folder.journal_path("edit", 0)
        path.parent.mkdir(exist_ok=True)
        path.write_text("".join(json.dumps(line) + "\n" for line in lines))
    found, before = kept.calls(state)
    assert found == answered
    assert before is not None
    assert before >= 0
    assert kept.calls(tmp_path / "nowhere") == (0, None)
