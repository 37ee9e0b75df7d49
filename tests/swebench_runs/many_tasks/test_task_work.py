"""One task's work, whoever does it: nobody else works in its folder meanwhile."""

import threading
from types import SimpleNamespace

import pytest

from agent.trajectory.budget import Ledger
from agent.trajectory.session import Interrupted
from environments.task import EnvironmentSpec, Task
from swebench_runs.errors import UsageError
from swebench_runs.many_tasks import task_work
from swebench_runs.many_tasks.task_work import TaskWork
from swebench_runs.run_folder.folder_lock import FolderLock
from swebench_runs.run_folder.task_folder import TaskFolder

TASK = Task(instance_id="t", repo="r", base_commit="", problem_statement="", environment=EnvironmentSpec())


@pytest.fixture
def work(tmp_path, monkeypatch):
    monkeypatch.setattr(task_work, "LOCKED", 0.0)
    begun, stop = [], threading.Event()
    config = SimpleNamespace(deadlines=SimpleNamespace(task=60.0))
    run = SimpleNamespace(config=config, task=lambda name: TaskFolder(tmp_path / name), put=begun.append)
    return TaskWork(run, None, SimpleNamespace(stop=stop), Ledger()), begun, stop


def test_a_task_that_a_node_works_on_is_not_begun_beside_it(work, tmp_path):
    """A driver was killed, its nodes work on in the shared folder, and the command is given again without a cluster."""
    at_work, begun, stop = work
    with FolderLock(tmp_path / "t"):
        with pytest.raises(UsageError, match="is being run by process"):
            at_work(TASK)
        stop.set()
        task_work.LOCKED = 60.0
        with pytest.raises(Interrupted):
            at_work(TASK)
    assert begun == []
