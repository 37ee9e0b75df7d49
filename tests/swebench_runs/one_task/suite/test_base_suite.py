"""No sample waits for the repository's own tests before its first call; a scripted model, the real sandbox."""

import threading

import pytest

from agent.models.scripted import ScriptedModel
from agent.trajectory.budget import Ledger
from environments.record_file import read_lines
from environments.sandboxes.lease import CpuLease, NoLease
from environments.workbench.suites.suite_run import SuiteState
from swebench_runs.config import parse
from swebench_runs.one_task.ground.preflight import FILE, Ground
from swebench_runs.one_task.places import Places
from swebench_runs.one_task.progress import Silence
from swebench_runs.one_task.suite.base_suite import BaseSuite
from swebench_runs.one_task.task_run import Shared, TaskRun
from swebench_runs.pipeline import resolve
from swebench_runs.run_folder.task_folder import TaskFolder
from verifiers.ballot import Ballot
from verifiers.regression import Baseline

RIGHT = (
    "shop/price.py::total\n```python\ndef total(prices):\n    result = 0\n    for price in prices:\n"
    "        result += price\n    return result\n```\n"
)
CONFIG = {"model": "scripted", "scaffold": "sampling", "trajectories": 1, "tests": 0, "turns": 2, "judge": "off"}


class Watcher(Silence):
    """Knows when the ground was told."""

    def __init__(self):
        self.told = threading.Event()

    def note(self, task, text):
        if text.startswith("existing tests"):
            self.told.set()


@pytest.fixture
def resolved(shop, tmp_path):
    """Resolve the shop's task with a model and a lease; returns the task's folder."""

    def resolved(answer, lease, **changes):
        config = parse(CONFIG | changes)
        shared = Shared(
            model=ScriptedModel(answer),
            config=config,
            lease=lease,
            progress=resolved.watcher,
            stop=threading.Event(),
            live=Places(1),
        )
        ledger = Ledger(config.limits.task)
        resolve(TaskRun(task=shop.task, base=shop.base, folder=folder, ledger=ledger, shared=shared))
        return folder

    resolved.watcher = Watcher()
    folder = resolved.folder = TaskFolder(tmp_path / "shop-1")
    return resolved


def suites(folder):
    return [line["patch"] for line in read_lines(folder.executions_path) if line.get("test") == "suite"]


def baselines(folder):
    return [event for event in folder.events() if event["event"] == "baseline"]


def test_beside_a_model_on_the_same_cores_the_suite_waits_for_the_first_patch(resolved):
    before = []
    folder = resolved(lambda request: before.append(suites(resolved.folder)) or RIGHT, CpuLease())
    assert before[0] == []
    [event] = baselines(folder)
    assert (event["beside"], event["state"]) == ("edits", SuiteState.RAN)
    assert suites(folder).count("base") == 2
    assert folder.read("ballot.json", Ballot).regression_tests
    assert "pass" in folder.read(FILE, Ground).tests


def test_beside_a_model_elsewhere_the_suite_runs_while_the_model_thinks(resolved, monkeypatch):
    monkeypatch.setattr("os.sched_getaffinity", lambda _: {0, 1})
    seen = []

    def answer(request):
        resolved.watcher.told.wait(600)
        seen.append(suites(resolved.folder))
        return RIGHT

    resolved(answer, NoLease())
    assert seen[0] == ["base", "base"]


def test_where_nothing_was_made_the_suite_is_not_run_for_it(resolved):
    folder = resolved(lambda request: "", CpuLease())
    assert suites(folder) == []
    assert folder.read("ballot.json", Ballot).regression_tests == ()


def test_without_a_test_that_fails_a_checkouts_suite_comes_first(resolved):
    before = []
    folder = resolved(lambda request: before.append(suites(resolved.folder)) or RIGHT, CpuLease(), subset="fix")
    assert before[0] == ["base", "base"]
    assert "beside" not in baselines(folder)[0]


def test_it_is_measured_once_for_all_who_ask_and_by_whoever_looks_at_its_tests_first():
    measured = []

    def measure():
        measured.append(1)
        return Baseline(passing=("a", "b", "c"), failing=(), flaky=(), problem=None)

    suite = BaseSuite(measure)
    passing = suite.passing
    assert suite.of_patches(0).state is SuiteState.NOT_RUN
    assert measured == []
    assert (len(passing), list(passing), passing[0], passing[1:]) == (3, ["a", "b", "c"], "a", ("b", "c"))
    assert suite.of_patches(0) is suite.of_patches(1) is suite.result()
    assert measured == [1]


def test_what_cannot_be_measured_fails_everybody_who_asks():
    suite = BaseSuite(lambda: 1 / 0)
    for _ in range(2):
        with pytest.raises(ZeroDivisionError):
            len(suite.passing)
