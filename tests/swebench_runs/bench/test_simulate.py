"""A run as discrete events: where its time can be reckoned by hand it is that; and work is read from real records."""

import pytest
from hypothesis import given
from hypothesis import strategies as some
from typer.testing import CliRunner

from agent.trajectory.journal import Journal
from agent.trajectory.trajectory import Ending, Trajectory
from environments.record_file import append_line
from environments.task import Task
from environments.workbench.execution_record import ExecutionRecord, header_of
from environments.workbench.forks.patched_trees import patch_hash
from selection.decision import Decision
from swebench_runs.bench.simulate import Shape, predict, recorded_work
from swebench_runs.bench.simulate.shape import Piece, TaskWork, TrajectoryWork
from swebench_runs.cli.app import app
from swebench_runs.config import RunConfig
from swebench_runs.errors import UsageError
from swebench_runs.one_task.pool import FILE, Pool
from swebench_runs.run_folder.store import Run


def work(call=2.0, core=1.0, before=0.0, after=0.0, turns=3):
    pieces = (Piece("call", call), Piece("core", core)) * turns
    one = TrajectoryWork(pieces)
    return TaskWork(before=(Piece("core", before),), trajectories=(one,), after=(Piece("core", after),))


def task(*pieces, votes=(), beside=()):
    return TaskWork(before=(), trajectories=(TrajectoryWork(pieces, tuple(votes)),), after=(), beside=tuple(beside))


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


def test_runoffs_own_process_has_one_core_whatever_its_threads():
    found = predict([task(Piece("own", 2.0))], Shape(tasks=3, trajectories=2, workers=6, cores=16))
    assert found.seconds == pytest.approx(3 * 2 * 2.0)
    assert (found.bound_by, found.own_busy) == ("nodes", pytest.approx(1))


def test_what_has_no_turn_takes_its_share_of_the_cores_all_the_same():
    """Two tests that have turns and Runoff's own process: each two thirds of a core."""
    found = predict([task(Piece("core", 2.0), beside=[Piece("own", 2.0)])], Shape(1, 2, workers=2, cores=2))
    assert found.seconds == pytest.approx(3.0)
    assert found.cores_busy == pytest.approx(1)


def test_a_core_that_others_leave_is_taken_by_those_that_stay():
    found = predict([task(Piece("core", 4.0), beside=[Piece("side", 1.0)])], Shape(1, 1, workers=1, cores=1))
    assert found.seconds == pytest.approx(5.0)


def test_a_test_of_the_same_patch_is_run_once_and_the_others_wait_for_it():
    suite = Piece("core", 3.0, "suite abc 0")
    found = predict([task(suite, votes=[suite, Piece("core", 1.0, "t abc 0")])], Shape(2, 4, workers=8, cores=16))
    assert found.seconds == pytest.approx(4.0)
    assert found.cores_busy * found.seconds * 16 == pytest.approx(2 * (3.0 + 1.0))


def test_the_votes_wait_for_the_existing_tests_on_the_base():
    one = task(Piece("call", 1.0), votes=[Piece("core", 2.0, "v")], beside=[Piece("core", 5.0)])
    assert predict([one], Shape(1, 1)).seconds == pytest.approx(7.0)


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


PATCH = "--- a/m.py\n+++ b/m.py\n@@ -1 +1 @@\n-1\n+2\n"


@pytest.fixture
def run(tmp_path):
    return recorded_run(tmp_path / "run")


def recorded_run(path, own=4.0, **config):
    """Make a run of one decided task of two trajectories with the same patch; one has run the suite on it."""
    one = Task(instance_id="t", repo="r", base_commit="c", problem_statement="")
    with Run.start(path, RunConfig(**config), [one]) as run:
        folder = run.task("t")
        stamped(folder, 0, "begun", node="n")
        stamped(folder, 3, "stage_start", stage="edits")
        for index in range(2):
            with Journal(folder.journal_path("edit", index), {}) as journal:
                answer = {"choices": [], "usage": {}, "cost": 0.0, "latency": 2.5}
                journal.step("model", {"messages": []}, lambda answer=answer: answer)
                journal.step("command", {"command": "ls"}, lambda: {"exit_code": 0, "seconds": 0.5, "output": ""})
                journal.step("run", {"test": "x"}, lambda: {"executions": [{"seconds": 0.25}, {"seconds": 0.75}]})
                if not index:
                    journal.step("suite", {"patch": patch_hash(PATCH), "tests": 3}, lambda: {"failing": []})
                journal.end({"ending": "submitted"}, final=True)
        stamped(folder, 15, "stage_end", stage="edits")
        record = ExecutionRecord(folder.executions_path, header_of(one))
        for patch, repeat, seconds in ((None, 0, 1.5), (None, 1, 1.25), (PATCH, 0, 2.0)):
            record.put(("suite", patch_hash(patch), repeat), {"outcomes": {}, "seconds": seconds})
        record.put(("x", patch_hash(PATCH), 0), {"outcome": "pass", "seconds": 0.25})
        record.close()
        made = [Trajectory(id=f"edit-{n}", kind="edit", ending=Ending.SUBMITTED, patch=PATCH) for n in range(2)]
        folder.write(FILE, Pool(trajectories=made, candidates=(), entries=()))
        folder.write("decision.json", Decision(candidate=None, rule="votes", abstained=True, reason="None."))
        stamped(folder, 16, "taken", own_seconds=own)
        stamped(folder, 16, "decided")
    return Run.load(path)


def stamped(folder, second, event, **fields):
    """Put an event on a task's log at a second of its own choice."""
    at = f"2026-01-01T00:00:{second:02}+00:00"
    append_line(folder.events_path, {"schema": 1, "at": at, "event": event, **fields})


def told(pieces):
    return [(piece.kind, pytest.approx(piece.seconds), piece.once) for piece in pieces]


def test_work_is_read_from_the_records(run):
    (found,) = recorded_work(run)
    steps = [("call", 2.5, ""), ("core", 0.5, ""), ("core", 0.25, ""), ("core", 0.75, "")]
    suite, vote = ("core", 2.0, f"suite {patch_hash(PATCH)} 0"), ("core", 0.25, f"x {patch_hash(PATCH)} 0")
    assert [told(one.pieces) for one in found.trajectories] == [[*steps, suite], steps]
    assert [told(one.votes) for one in found.trajectories] == [[vote], [suite, vote]]
    assert told(found.beside) == [("core", 1.5, "suite base 0"), ("core", 1.25, "suite base 1")]
    assert predict([found], Shape(tasks=1, trajectories=1)).seconds == pytest.approx(10, abs=0.3)


def test_what_no_step_tells_of_is_runoffs_own_and_its_programs_where_it_was_alone(tmp_path):
    """3 s before, 12 of trajectories with 10 of steps, 1 after with 0.25 of votes: 5.75 s, 4 of them its own."""
    (found,) = recorded_work(recorded_run(tmp_path / "run", workers=1))
    assert told(found.before) == [("own", 3 * 4 / 5.75, ""), ("side", 3 * 1.75 / 5.75, "")]
    for one in found.trajectories:
        between = [piece for piece in one.pieces if piece.kind in ("own", "side")]
        assert sum(piece.seconds for piece in between) == pytest.approx(1.0)
        assert sum(piece.seconds for piece in between if piece.kind == "own") == pytest.approx(4 / 5.75)


def test_what_it_did_beyond_that_was_within_the_calls(tmp_path):
    (found,) = recorded_work(recorded_run(tmp_path / "run", own=5.75 + 1.0, workers=1))
    for one in found.trajectories:
        assert told(one.pieces[:2]) == [("call", 2.0, ""), ("own", 0.5, "")]
        assert "side" not in {piece.kind for piece in one.pieces}


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
