"""Single calls on a real tree, a scripted model."""

import threading

import pytest

from agent import context as contexts
from agent.models.contract import ModelError
from agent.models.scripted import ScriptedModel
from agent.trajectory.journal import read_journal
from environments.sandboxes.lease import NoLease
from environments.task import Task
from swebench_runs.config import RunConfig
from swebench_runs.many_tasks.singles import read_singles, run_singles
from swebench_runs.one_task.ground.base_sandbox import laid, lay
from swebench_runs.one_task.progress import Silence
from swebench_runs.run_folder.store import Run

FIRST_SEED = 4 * 10_007
SOURCE = "def half(x):\n    return x * 2\n"
TASK = Task(instance_id="half-1", repo="me/half", base_commit="0", problem_statement="half(4) is 8, and should be 2")
CONFIG = RunConfig(model="openai/scripted", temperatures=(0.1, 0.9), workers=1)


def edit(new):
    return f"half.py\n<<<<<<< SEARCH\n    return x * 2\n=======\n    return {new}\n>>>>>>> REPLACE\n"


def lay_tree(task, layer):
    tree = layer.parent / "tree"
    tree.mkdir()
    (tree / "half.py").write_text(SOURCE)
    lay(tree, layer)


@pytest.fixture
def run(tmp_path):
    with Run.start(tmp_path / "run", CONFIG, [TASK]) as run:
        context = contexts.build_context(TASK.problem_statement, {"half.py": SOURCE.encode()}, budget_tokens=1000)
        run.task("half-1").write("context.json", context)
        yield run


def call(run, answers, count=4, stop=None):
    """``answers``: one for each call, by its index, which its seed tells (calls come in any order)."""
    model = ScriptedModel(lambda request: answers[(request.options["seed"] - FIRST_SEED) // 101])
    result = run_singles(
        run,
        [TASK],
        laid(lay_tree),
        {CONFIG.model: model},
        lease=NoLease(),
        progress=Silence(),
        stop=stop or threading.Event(),
        count=count,
    )
    return model, result


def test_each_call_is_one_turn_with_the_edit_prompt_and_no_test(run):
    model, result = call(run, [edit("x / 2"), edit("x / 3"), "no edit at all", edit("x / 2")])
    assert result.decided == ["half-1"]
    assert len({request.prompt for request in model.requests}) == 1
    prompt = model.requests[0].prompt
    assert SOURCE.strip() in prompt
    assert "SEARCH" in prompt
    assert "exit code" not in prompt.lower()
    sampled = sorted((request.options["seed"], request.options["temperature"]) for request in model.requests)
    assert sampled == [(FIRST_SEED + 101 * index, (0.1, 0.9)[index % 2]) for index in range(4)]


def test_equal_patches_are_one_candidate_and_an_unreadable_answer_is_none(run):
    call(run, [edit("x / 2"), edit("x / 3"), "no edit at all", edit("x / 2")])
    made = read_singles(run.task("half-1"))
    assert [trajectory.id for trajectory in made.trajectories] == [f"single-{i}" for i in range(4)]
    assert {trajectory.kind for trajectory in made.trajectories} == {"single"}
    first, other, none, again = [entry.candidate for entry in made.entries]
    assert first == again != other
    assert none is None
    assert [candidate.id for candidate in made.candidates] == [first, other]
    assert "+    return x / 2" in made.candidates[0].patch


def test_calls_stand_apart_from_what_selection_reads(run):
    call(run, [edit("x / 2")] * 4)
    folder = run.task("half-1").path
    assert sorted(path.name for path in folder.glob("*.json")) == ["context.json", "singles.json", "task.json"]
    assert not folder.joinpath("executions.jsonl").exists()


def test_finished_calls_are_not_made_again(run):
    call(run, [edit("x / 2")] * 4)
    model, result = call(run, [])
    assert (result.decided, model.requests) == (["half-1"], [])


def test_an_interrupted_task_goes_on_after_the_calls_on_record(run):
    model, result = call(run, [edit("x / 2"), ModelError("the endpoint is down"), edit("x / 2"), edit("x / 2")])
    assert "single-1" in result.failed["half-1"]
    assert read_singles(run.task("half-1")) is None
    assert len(model.requests) == 4
    model, result = call(run, [edit("x / 3")] * 4)
    assert (result.decided, len(model.requests)) == (["half-1"], 1)
    made = read_singles(run.task("half-1"))
    assert ["x / 2" in trajectory.patch for trajectory in made.trajectories] == [True, False, True, True]
    journal = read_journal(run.path / "tasks" / "half-1" / "trajectories" / "single-0.jsonl")
    assert [line["kind"] for line in journal if "kind" in line] == ["model"]


def test_a_task_without_a_context_is_told_and_left_for_later(tmp_path):
    with Run.start(tmp_path / "run", CONFIG, [TASK]) as run:
        _, result = call(run, [])
    assert "resolve the run" in result.failed["half-1"]


def test_a_stop_starts_nothing(run):
    stop = threading.Event()
    stop.set()
    model, result = call(run, [edit("x / 2")] * 4, stop=stop)
    assert (result.interrupted, result.decided, model.requests) == (True, [], [])
