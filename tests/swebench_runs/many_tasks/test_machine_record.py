"""What one task took, what the machine failed it with, and its deadline, on record."""

import errno
import threading
from contextlib import contextmanager

import pytest

from agent.trajectory.budgeted_model import Ledger
from agent.trajectory.session import Interrupted
from environments.sandboxes.contract import MachineShort, SandboxError, StartLate, Taken
from environments.sandboxes.docker.engine import EngineError
from environments.sandboxes.lease import NoLease
from environments.task import Task
from swebench_runs.config import load
from swebench_runs.many_tasks import task_work
from swebench_runs.many_tasks.machine_record import fault_of
from swebench_runs.many_tasks.task_stop import TaskLate
from swebench_runs.one_task.places import Places
from swebench_runs.one_task.progress import Silence
from swebench_runs.one_task.task_run import Shared
from swebench_runs.run_folder.store import Run

TASK = Task(instance_id="one", repo="r", base_commit="c", problem_statement="s")


class Base:
    """A base sandbox of which nothing is asked but what it took."""

    def taken(self):
        return Taken(commands=2, core_seconds=1.5, peak_memory=100)


@pytest.fixture
def work(tmp_path):
    config = load(["model=openai/scripted", "deadlines.task=0.05"])
    stop = threading.Event()

    @contextmanager
    def open_base(task, run_id):
        yield Base()

    with Run.start(tmp_path / "run", config, [TASK]) as run:
        shared = Shared(model=None, config=config, lease=NoLease(), progress=Silence(), stop=stop, live=Places(1))
        yield task_work.TaskWork(run, open_base, shared, Ledger()), run, stop


def events(run, kind):
    return [event for event in run.task("one").events() if event["event"] == kind]


def until_stopped(task_run):
    assert task_run.shared.stop.wait(60)
    raise Interrupted


def test_a_task_past_its_deadline_ends_alone_with_what_to_do_and_what_it_took(work, monkeypatch):
    one, run, stop = work
    monkeypatch.setattr(task_work, "resolve", until_stopped)
    with pytest.raises(TaskLate, match=r"longer than deadlines.task, 0.05 s: the same command goes on"):
        one(TASK)
    assert not stop.is_set()
    assert [(event["core_seconds"], event["peak_memory"]) for event in events(run, "taken")] == [(1.5, 100)]


def test_a_task_of_a_run_that_is_stopped_is_interrupted(work, monkeypatch):
    one, _, stop = work
    stop.set()
    monkeypatch.setattr(task_work, "resolve", until_stopped)
    with pytest.raises(Interrupted):
        one(TASK)


def test_what_the_machine_fails_a_task_with_is_on_record_in_a_word(work, monkeypatch):
    one, run, _ = work

    def fail(task_run):
        raise EngineError("the Docker engine could not start a container: gone")

    monkeypatch.setattr(task_work, "resolve", fail)
    with pytest.raises(EngineError):
        one(TASK)
    monkeypatch.setattr(task_work, "disk_short", lambda folder: "only 3 MiB are free")
    with pytest.raises(MachineShort, match="only 3 MiB"):
        one(TASK)
    assert [event["fault"] for event in events(run, "machine_fault")] == ["engine", "disk"]


@pytest.mark.parametrize(
    ("error", "word"),
    [
        (SandboxError("x"), "sandbox"),
        (StartLate("x"), "start"),
        (MachineShort("memory"), "memory"),
        (OSError(errno.ENOSPC, "No space left on device"), "disk"),
        (OSError(errno.EMFILE, "Too many open files"), "system"),
    ],
)
def test_faults_are_told_apart(error, word):
    assert fault_of(error) == word
