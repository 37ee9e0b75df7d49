"""Many tasks at once: isolation, stopping, what is shown."""

import io
import os
import signal
import subprocess
import sys
import threading
import time

import pytest
from rich.console import Console

from agent.models.contract import ModelUnusable, Usage
from agent.trajectory.session import Interrupted
from agent.trajectory.trajectory import Ending
from environments.sandboxes.contract import SandboxError
from environments.task import Task
from swebench_runs.many_tasks.batch.batch import run_batch
from swebench_runs.many_tasks.batch.interrupting import stop_on_signals
from swebench_runs.many_tasks.live_view.live import Board, Lines, clock, watch
from swebench_runs.one_task.progress import Silence


def tasks(count):
    return [Task(instance_id=f"t{i}", repo="r", base_commit="c", problem_statement="s") for i in range(count)]


def batch(work, count=4, at_once=2, stop=None, seen=None):
    seen = seen if seen is not None else []
    return run_batch(
        tasks(count),
        work,
        at_once=at_once,
        progress=Silence(),
        stop=stop or threading.Event(),
        on_failure=lambda task, reason, trace: seen.append((task.instance_id, reason, trace)),
    )


def test_one_failing_task_does_not_touch_the_others():
    def work(task):
        if task.instance_id == "t1":
            raise SandboxError("no space left: free some")
        return "fine"

    seen = []
    result = batch(work, seen=seen)
    assert sorted(result.decided) == ["t0", "t2", "t3"]
    assert result.failed == {"t1": "no space left: free some"}
    assert [s[:2] for s in seen] == [("t1", "no space left: free some")]
    assert not result.interrupted


def test_a_bug_is_named_as_one_and_keeps_its_traceback():
    seen = []
    result = batch(lambda task: {}["gone"], count=1, seen=seen)
    assert "a bug in Runoff: KeyError" in result.failed["t0"]
    assert 'lambda task: {}["gone"]' in seen[0][2]


def test_no_more_tasks_run_at_once_than_asked():
    both, third = threading.Barrier(2, timeout=30), threading.Semaphore(2)

    def work(task):
        assert third.acquire(blocking=False)
        both.wait()
        third.release()
        return "ok"

    assert len(batch(work, count=6, at_once=2).decided) == 6


def test_a_refused_key_ends_the_batch_instead_of_failing_every_task():
    def work(task):
        raise ModelUnusable("the endpoint refuses the key: set ANTHROPIC_API_KEY")

    result = batch(work, count=50, at_once=1)
    assert result.fatal
    assert "key" in result.fatal
    assert len(result.failed) < 50
    assert not result.interrupted


def test_a_stop_lets_running_tasks_end_and_begins_no_other():
    stop = threading.Event()

    def work(task):
        stop.set()
        raise Interrupted

    result = batch(work, count=9, at_once=1, stop=stop)
    assert result.interrupted
    assert (result.decided, result.failed) == ([], {})


def test_a_task_that_will_not_end_does_not_hold_up_a_stop():
    stop, never = threading.Event(), threading.Event()

    def work(task):
        stop.set()
        never.wait()
        return "late"

    began = time.monotonic()
    result = batch(work, count=1, stop=stop)
    never.set()
    assert result.interrupted
    assert result.decided == []
    assert time.monotonic() - began < 30


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_signals_stop_and_the_old_handlers_come_back(number):
    before = signal.getsignal(number)
    with stop_on_signals() as stop:
        os.kill(os.getpid(), number)
        assert stop.wait(30)
        with pytest.raises(KeyboardInterrupt):
            signal.raise_signal(number)
    assert signal.getsignal(number) is before


def board_with_events(board):
    board.stage("t0", "edits")
    board.step("t0", "edit-0", "turn 1: \x1b[2Jpatch applies")
    board.usage("t0", Usage(prompt_tokens=900, completion_tokens=100), 0.5)
    board.usage("t0", Usage(completion_tokens=1), None)
    board.ended("t0", "edit-1", Ending.SUBMITTED)


def test_the_board_counts_what_it_is_told():
    board = Board(2)
    board_with_events(board)
    assert "0/2 tasks, 1 trajectory live, 1,001 tokens, $0.50 + 1 call of unknown price" in board.summary()
    board.done("t0", "resolved to edit-1")
    assert "1/2 tasks, 0 trajectories live" in board.summary()


def test_the_live_table_shows_stages_states_and_no_control_characters():
    console = Console(file=io.StringIO(), force_terminal=True, width=200, height=40, color_system=None)
    with watch(console, 2) as progress:
        board_with_events(progress)
    shown = console.file.getvalue()
    assert "edits 0:" in shown
    assert "1 live, 1 submitted" in shown
    assert "\x1b[2J" not in shown


def test_a_log_gets_plain_timestamped_lines():
    console = Console(file=io.StringIO(), width=80)
    with watch(console, 2) as progress:
        assert isinstance(progress, Lines)
        board_with_events(progress)
        progress.done("t0", "edit-1 wins")
        progress.failed("t1", "no sandbox")
    lines = console.file.getvalue().splitlines()
    assert [line[9:].split(" [")[0].strip() for line in lines] == [
        "t0: edits",
        "t0 edit-0: turn 1: \\x1b[2Jpatch applies",
        "t0 edit-1: ended, submitted",
        "t0: edit-1 wins",
        "t1: not done: no sandbox",
    ]
    assert "\x1b" not in console.file.getvalue()


def test_a_log_is_never_silent_for_long(monkeypatch):
    monkeypatch.setattr("swebench_runs.many_tasks.live_view.live.SILENCE", 0.01)
    heard = threading.Event()

    class Log(io.StringIO):
        def write(self, text):
            if "0/2 tasks" in text:
                heard.set()
            return super().write(text)

    with watch(Console(file=Log(), width=80), 2):
        assert heard.wait(60)


def test_clock():
    assert [clock(s) for s in (5, 65, 3661)] == ["0:05", "1:05", "1:01:01"]


def test_importing_the_batch_does_not_import_litellm():
    rooms = "swebench_runs.many_tasks.batch.batch, swebench_runs.many_tasks.live_view.live"
    code = f"import sys, {rooms}; print('litellm' in sys.modules)"
    assert subprocess.check_output([sys.executable, "-c", code], text=True).strip() == "False"


def test_why_a_task_is_tried_again_is_no_name_of_a_stage_which_figures_are_labelled_by(monkeypatch):
    class Told(Silence):
        def stage(self, task, name):
            said.append(("stage", name))

        def note(self, task, text):
            said.append(("note", text))

    said, failures = [], [SandboxError("/home/somebody is full")]

    def work(task):
        if failures:
            raise failures.pop()
        return "fine"

    monkeypatch.setattr("swebench_runs.many_tasks.batch.task_queue.FIRST_WAIT", 0.0)
    run_batch(
        tasks(1), work, at_once=1, progress=Told(), stop=threading.Event(), on_failure=lambda *failure: None, tries=2
    )
    assert said == [("note", "again in 0 s: /home/somebody is full"), ("stage", "pause")]
