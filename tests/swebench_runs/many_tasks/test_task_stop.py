"""The end of one task: with the run, or by its own deadline."""

import threading

from swebench_runs.many_tasks.task_stop import TaskStop


def test_a_task_ends_with_its_run():
    run = threading.Event()
    stop = TaskStop(run, seconds=1e9)
    assert not stop.is_set()
    assert not stop.wait(0.0)
    run.set()
    assert stop.is_set()
    assert stop.wait()
    assert not stop.late


def test_a_task_ends_by_its_deadline_and_the_run_goes_on():
    run, now = threading.Event(), [0.0]
    stop = TaskStop(run, seconds=5.0, clock=lambda: now[0])
    assert not stop.is_set()
    now[0] = 5.0
    assert stop.is_set()
    assert stop.wait()
    assert stop.late
    assert not run.is_set()
