import pytest

from environments.task import Task
from environments.workbench.execution_record import ExecutionRecord, RecordMismatch, header_of, put_base_runs
from environments.workbench.outcome import Execution, Outcome

HEADER = {"task": "t"}
KEY = ("test", "base", 0)


def test_what_was_put_is_there_after_reopening(tmp_path):
    record = ExecutionRecord(tmp_path / "r" / "record.jsonl", HEADER)
    record.put(KEY, {"output": "\udc80 é"})
    record.close()

    again = ExecutionRecord(tmp_path / "r" / "record.jsonl", HEADER)

    assert again.get(KEY) == {"output": "\udc80 é"}
    assert again.get(("test", "base", 1)) is None


@pytest.mark.parametrize("cut", [1, 5, 30])
def test_a_torn_last_line_is_dropped_and_the_rest_kept(tmp_path, cut):
    path = tmp_path / "record.jsonl"
    record = ExecutionRecord(path, HEADER)
    record.put(KEY, 1)
    record.put(("other", "base", 0), 2)
    record.close()
    path.write_bytes(path.read_bytes()[:-cut])

    record = ExecutionRecord(path, HEADER)
    assert (record.get(KEY), record.get(("other", "base", 0))) == (1, None)
    record.put(("other", "base", 0), 3)
    record.close()

    assert ExecutionRecord(path, HEADER).get(("other", "base", 0)) == 3
    assert path.read_bytes().count(b"\n") == 3


def test_a_record_of_another_task_is_refused_and_untouched(tmp_path):
    path = tmp_path / "record.jsonl"
    ExecutionRecord(path, HEADER).close()
    before = path.read_bytes()

    with pytest.raises(RecordMismatch, match="--redo-existing"):
        ExecutionRecord(path, {"task": "another"})

    assert path.read_bytes() == before


def test_runs_of_before_the_workbench_are_on_record_and_those_that_are_there_stay(tmp_path):
    path, task = tmp_path / "record.jsonl", Task(instance_id="t", repo="r", base_commit="0", problem_statement="x")
    runs = [Execution(outcome=Outcome.FAIL, exit_code=1, output=text, seconds=1.0) for text in ("one", "two")]
    put_base_runs(path, task, {"test": runs[:1]})
    put_base_runs(path, task, {"test": runs[::-1], "other": runs})
    record = ExecutionRecord(path, header_of(task))
    keys = [("test", "base", 0), ("test", "base", 1), ("other", "base", 1)]
    assert [record.get(key)["output"] for key in keys] == ["one", "one", "two"]
