"""A task's traces: made once, in the real sandbox, of whatever test shows the issue; older records stay as they are."""

import threading

import pytest

from agent.context.traces import ExecutedFunction, Failure, Frame, TaskTraces, Trace
from agent.models.scripted import ScriptedModel
from agent.trajectory.budget import Ledger
from environments.sandboxes.lease import NoLease
from environments.workbench.outcome import GeneratedTest, Outcome
from environments.workbench.workbench import Workbench
from swebench_runs.config import parse
from swebench_runs.one_task import stages
from swebench_runs.one_task.context import executed
from swebench_runs.one_task.context.seen import seen
from swebench_runs.one_task.places import Places
from swebench_runs.one_task.progress import Silence
from swebench_runs.one_task.task_run import Shared, TaskRun
from swebench_runs.one_task.traces_kept import known_traces
from swebench_runs.one_task.work import Work
from swebench_runs.run_folder.task_folder import TaskFolder

SEED = GeneratedTest.of("from shop import total\nif total([3, 4]) != 7:\n    issue_present()\n", "test:0")


@pytest.fixture
def work(shop, bench, tmp_path):
    config = parse({"model": "scripted"})
    shared = Shared(
        model=ScriptedModel(lambda request: ""),
        config=config,
        lease=NoLease(),
        progress=Silence(),
        stop=threading.Event(),
        live=Places(2),
    )
    folder = TaskFolder(tmp_path / "shop-1")
    run = TaskRun(task=shop.task, base=shop.base, folder=folder, ledger=Ledger(config.limits.task), shared=shared)
    return Work(run, bench)


def test_the_issues_example_is_traced_once_and_the_context_goes_by_it(work, monkeypatch):
    examples = stages.convert_issue(work)
    context = stages.build_context(work, examples)
    assert context.executed == (examples[0].id,)
    assert "shop/price.py::total(prices=[3, 4]) returned 4" in context.text
    kept = work.folder.read("trace.json", TaskTraces)
    assert (kept.found_by, kept.passing_tests) == ("examples", 2)
    assert kept.suspects()[0].line == 5
    monkeypatch.setattr(executed, "trace_task", None)
    assert executed.traces_of_examples(work, examples) == executed.traces_of_seeds(work, [SEED]) == kept
    assert stages.build_context(work, examples) == context


def test_lines_are_sampled_where_it_failed_first_then_by_the_spectrum_then_as_they_stand():
    lines = {"outer": (2, 3, 4), "inner": (7, 8, 9)}
    ran = {
        name: ExecutedFunction(path="m.py", name=name, line=min(own), lines=own, phase="case", depth=depth)
        for depth, (name, own) in enumerate(lines.items(), 1)
    }
    frames = (Frame(path="m.py", line=4, function="outer"), Frame(path="m.py", line=9, function="inner"))
    failure = Failure(exception="KeyError", message="", frames=frames)
    failing = Trace(test="t", outcome=Outcome.FAIL, functions=tuple(ran.values()), failure=failure)
    passed = ran["inner"].model_copy(update={"lines": (7,)})
    passing = Trace(test="p", outcome=Outcome.PASS, functions=(passed,))
    found = {one.name: one for one in executed.places_to_sample(TaskTraces.of([failing], [passing]))}
    assert (found["outer"].lines, found["outer"].failed) == ((4, 2, 3), (4,))
    assert (found["inner"].lines, found["inner"].failed) == ((9, 8, 7), (9,))
    assert next(iter(found)) == "inner"


def test_the_neighbours_of_a_users_failing_test_are_traced_and_who_executes_what_is_known(work):
    given = GeneratedTest.of("", "given:0", "existing", "tests/sum_checks.py::test_sum")
    files = {
        "tests/sum_checks.py": b"from shop import total\n\ndef test_sum():\n    assert total([1, 2]) == 3\n"
        b"\ndef test_nothing():\n    assert total([]) == 0\n"
    }
    with work.run.base.fork() as base:
        base.write("tests/sum_checks.py", files["tests/sum_checks.py"])
        with Workbench(base, work.task, record=work.folder.path / "own.jsonl", lease=NoLease()) as bench:
            traces = executed.trace_task(bench, [given], "examples")
    assert traces.reached == {
        "tests/sum_checks.py": ("shop/price.py::total",),
        "tests/test_price.py": ("shop/price.py::total",),
    }
    assert traces.passing_tests == 3


def test_a_test_that_a_trajectory_wrote_changes_the_context_of_later_stages_alone(work):
    profile = work.profile("edit")
    before = seen(work, profile, executed.traces_of_examples(work, []))
    assert known_traces(work) is None
    traces = executed.traces_of_seeds(work, [SEED])
    assert (traces.found_by, traces.failing[0].test) == ("tests", SEED.id)
    assert executed.traces_of_examples(work, []) is None
    after = seen(work, profile, traces)
    assert (before.executed, after.executed) == ((), (SEED.id,))
    assert seen(work, profile, None) == before
    assert seen(work, profile, traces) == after
    assert executed.executed_by(work, [SEED])[0][:3] == ("shop/price.py", "total", (5, 3, 4, 6))


def test_a_task_whose_prompts_are_on_record_keeps_its_context(work, monkeypatch):
    before = seen(work, work.profile("edit"), None)
    monkeypatch.setattr(executed, "trace_task", None)
    assert stages.build_context(work, stages.convert_issue(work)) == before
    monkeypatch.setattr(TaskFolder, "recorded", lambda self, kind: 1)
    assert executed.traces_of_seeds(work, [SEED]) is None


def test_a_trace_that_saw_nothing_says_so_and_the_context_is_as_without(work, monkeypatch):
    blind = GeneratedTest.of("import sys\nassert sys.argv\nissue_present()\n", "test:0")
    traces = executed.traces_of_seeds(work, [blind])
    assert (traces.failing, traces.remarks) == ((), (f"{blind.id}: the tracer saw nothing of the tree",))
    assert seen(work, work.profile("edit"), traces).executed == ()
    assert executed.executed_by(work, [blind]) == []
