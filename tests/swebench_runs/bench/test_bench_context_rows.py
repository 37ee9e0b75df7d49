"""Which tasks are measured, and that none is measured twice."""

import pytest

from environments.task import Task
from swebench_runs.bench.context.halves import drawn, half_of
from swebench_runs.bench.context.kept_rows import MeasuredRows
from swebench_runs.errors import UsageError


def tasks(count):
    fields = {"repo": "a/b", "problem_statement": "x"}
    return [Task.model_construct(instance_id=f"a__b-{number}", **fields) for number in range(count)]


def test_a_half_is_the_same_whatever_other_tasks_there_are():
    whole, some = tasks(200), tasks(50)
    report = {one.instance_id for one in drawn(whole, half="report", count=None, seed=0)}
    assert {one.instance_id for one in drawn(some, half="report", count=None, seed=0)} == report & {
        one.instance_id for one in some
    }
    assert 70 < len(report) < 130
    assert {half_of(name, 1) for name in report} == {"develop", "report"}


def test_a_draw_is_by_the_seed_alone():
    first = [one.instance_id for one in drawn(tasks(50), half=None, count=10, seed=3)]
    assert first == [one.instance_id for one in drawn(tasks(50)[::-1], half=None, count=10, seed=3)]
    assert first != [one.instance_id for one in drawn(tasks(50), half=None, count=10, seed=4)]


def test_kept_rows_are_read_again_and_a_line_cut_off_is_none(tmp_path, caplog):
    kept = MeasuredRows(tmp_path / "rows.jsonl")
    kept.add({"instance_id": "a", "at": {}})
    with kept.path.open("a") as file:
        file.write('{"instance_id": "b", "a')
    assert kept.read() == {"a": {"instance_id": "a", "at": {}}}
    assert "line 2 is no row" in caplog.text
    kept.add({"instance_id": "c", "at": {}})
    assert list(kept.read()) == ["a", "c"]
    with pytest.raises(UsageError, match="--rows"):
        MeasuredRows(tmp_path / "rows.jsonl" / "below").add({"instance_id": "a"})
