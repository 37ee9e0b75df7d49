"""A run as discrete events: where its time can be reckoned by hand it is that; and work is read from real records."""

import pytest
from hypothesis import given
from hypothesis import strategies as some
from typer.testing import CliRunner

from agent.trajectory.journal import Journal
from environments.task import Task
from selection.decision import Decision
from swebench_runs.bench.simulate import Shape, predict, recorded_work
from swebench_runs.bench.simulate.shape import Piece, TaskWork
from swebench_runs.cli.app import app
from swebench_runs.config import RunConfig
from swebench_runs.errors import UsageError
from swebench_runs.run_folder.store import Run


def work(call=2.0, core=1.0, before=0.0, after=0.0, turns=3):
    pieces = (Piece("call", call), Piece("core", core)) * turns
    return TaskWork(before=(Piece("core", before),), trajectories=(pieces,), after=(Piece("core", after),))


@pytest.mark.parametrize(
    "shape, seconds",
    [
        (Shape(tasks=1, trajectories=1), 9),
        (Shape(tasks=1, trajectories=4, workers=1), 36),  # one live trajectory after another
        (Shape(tasks=4, trajectories=1, workers=1, nodes=4), 9),
        (Shape(tasks=8, trajectories=1, workers=1, nodes=4), 18),
        (Shape(tasks=4, trajectories=1, workers=4, cores=4, calls=1), 4 * 3 * 2 + 1),  # the model's only place
        (Shape(tasks=4, trajectories=1, workers=4, cores=4, calls=1, replicas=4), 9),
    ],
)
def test_times_that_can_be_reckoned_by_hand(shape, seconds):
    assert predict([work()], shape).seconds == pytest.approx(seconds)


def test_one_core_is_shared_and_found_to_be_what_bounds():
    found = predict([work(call=0.1, core=5.0)], Shape(tasks=6, trajectories=2, workers=6, cores=1))
    assert found.seconds == pytest.approx(6 * 2 * 3 * 5.0, rel=0.01)
    assert found.cores_busy > 0.99
    assert found.bound_by == "cores"


def test_few_workers_are_found_to_be_what_bounds():
    assert predict([work()], Shape(tasks=8, trajectories=1, workers=1)).bound_by == "workers"


def test_what_comes_before_and_after_the_trajectories_is_of_every_task():
    found = predict([work(before=4.0, after=2.0)], Shape(tasks=2, trajectories=1, workers=1))
    assert found.seconds == pytest.approx(2 * (4 + 9 + 2))


@given(
    some.builds(
        Shape,
        tasks=some.integers(1, 12),
        trajectories=some.integers(1, 4),
        nodes=some.integers(1, 4),
        workers=some.integers(1, 4),
        cores=some.integers(1, 4),
        replicas=some.integers(1, 3),
        calls=some.integers(1, 3),
    )
)
def test_no_run_is_faster_than_its_busiest_part_or_slower_than_one_thing_after_another(shape):
    one = work()
    found = predict([one], shape)
    every = shape.tasks * shape.trajectories
    least = max(every * 6 / (shape.replicas * shape.calls), every * 3 / (shape.nodes * shape.cores), 9)
    assert least - 1e-6 <= found.seconds <= every * 9 + 1e-6
    assert 0 <= found.cores_busy <= 1 + 1e-9
    assert predict([one], shape) == found


@pytest.fixture
def run(tmp_path):
    task = Task(instance_id="t", repo="r", base_commit="c", problem_statement="")
    with Run.start(tmp_path / "run", RunConfig(), [task]) as stored:
        folder = stored.task("t")
        folder.event("begun", node="n")
        folder.event("stage_start", stage="edits")
        for index in range(2):
            with Journal(folder.journal_path("edit", index), {}) as journal:
                answer = {"choices": [], "usage": {}, "cost": 0.0, "latency": 2.5}
                journal.step("model", {"messages": []}, lambda answer=answer: answer)
                journal.step("command", {"command": "ls"}, lambda: {"exit_code": 0, "seconds": 0.5, "output": ""})
                journal.step("run", {"test": "x"}, lambda: {"executions": [{"seconds": 0.25}, {"seconds": 0.75}]})
                journal.end({"ending": "submitted"}, final=True)
        folder.event("stage_end", stage="edits")
        folder.write("decision.json", Decision(candidate=None, rule="votes", abstained=True, reason="None."))
        folder.event("decided")
    return Run.load(tmp_path / "run")


def test_work_is_read_from_the_records(run):
    (found,) = recorded_work(run)
    expected = [("call", 2.5), ("core", 0.5), ("core", 0.25), ("core", 0.75)]
    assert [[(piece.kind, piece.seconds) for piece in one] for one in found.trajectories] == [expected] * 2
    assert predict([found], Shape(tasks=1, trajectories=1)).seconds == pytest.approx(4.0, abs=0.5)


def test_a_task_of_two_sittings_is_left_out_and_none_is_told(run):
    run.task("t").event("begun", node="n")
    with pytest.raises(UsageError, match="make a small run first"):
        recorded_work(run)


def test_the_verb_tells_time_rate_and_what_bounds(run):
    told = CliRunner().invoke(app, ["bench", "simulate", str(run.path), "--tasks", "4", "--nodes", "2", "--draws", "1"])
    assert told.exit_code == 0
    assert "4 tasks of 16 trajectories on 2 nodes and 8 replicas, from 1 recorded task" in told.output
    assert "tasks an hour" in told.output
    assert "would help most" in told.output
