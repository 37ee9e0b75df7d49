"""One task from its issue to its decision on the real sandbox; a scripted model drives the exact paths."""

import threading

import pytest

from agent.models.contract import ModelError, RequestRefused, UnusableAnswer
from agent.models.scripted import ScriptedModel
from agent.trajectory.budget import Ledger
from agent.trajectory.session import Interrupted
from environments.sandboxes.lease import NoLease
from swebench_runs.config import parse
from swebench_runs.one_task.places import Places
from swebench_runs.one_task.pool import Pool
from swebench_runs.one_task.progress import Silence
from swebench_runs.one_task.so_far import read_so_far
from swebench_runs.one_task.task_run import Shared, TaskRun
from swebench_runs.pipeline import resolve
from swebench_runs.run_folder.task_folder import TaskFolder
from verifiers.ballot import Ballot

TEST = "```python\nimport sys\nfrom shop import total\nif total([1, 2, 3]) != 6:\n    issue_present()\n```"
RIGHT = (
    "shop/price.py\n<<<<<<< SEARCH\n    for price in prices[1:]:\n=======\n    for price in prices:\n>>>>>>> REPLACE\n"
)
WRONG = RIGHT.replace("in prices:\n>>", "in [*prices, 0][1:]:\n>>")
CONFIG = {"model": "scripted", "trajectories": 3, "tests": 1, "turns": 1, "runoff_turns": 1, "early_stop": False}


def script(edits):
    """Answer tests with a good test, judges with a word, and edits in the order of ``edits`` by directive."""
    lock, left = threading.Lock(), list(edits)

    def answer(request):
        prompt = request.messages[-1].content
        if "Judge strictly" in prompt:
            return "NO"
        if "Find the fault" in prompt:
            with lock:
                return left.pop(0)
        return TEST

    return ScriptedModel(answer)


@pytest.fixture
def work(shop, tmp_path):
    def work(model, /, *, models=None, stop=None, **changes):
        config = parse({**CONFIG, **changes})
        shared = Shared(
            model=model,
            models=models or {},
            config=config,
            lease=NoLease(),
            progress=Silence(),
            stop=stop or threading.Event(),
            live=Places(2),
        )
        folder, ledger = TaskFolder(tmp_path / "shop-1"), Ledger(config.limits.task)
        return resolve(TaskRun(task=shop.task, base=shop.base, folder=folder, ledger=ledger, shared=shared))

    work.folder = TaskFolder(tmp_path / "shop-1")
    return work


def test_the_right_patch_wins_with_its_evidence(work, shop):
    decision = work(script([WRONG, RIGHT, RIGHT]))
    assert "+    for price in prices:\n" in decision.patch
    assert not decision.abstained
    assert decision.evidence.gate == "clean"
    assert decision.evidence.trajectories == 2
    ballot = work.folder.read("ballot.json", Ballot)
    assert ballot.issue == shop.task.problem_statement
    assert len(ballot.candidates) == 2
    assert len(ballot.issue_tests) == 1
    assert set(ballot.regression_tests) == {
        "tests/test_price.py::test_discount",
        "tests/test_price.py::test_total_of_nothing",
    }


def test_a_decided_task_is_not_worked_on_again(work):
    first = work(script([RIGHT, RIGHT, RIGHT]))
    assert work(ScriptedModel([])) == first


def test_a_task_without_a_patch_ends_in_an_abstention(work):
    decision = work(script(["no idea"] * 3))
    assert decision.abstained
    assert decision.patch == ""


def test_a_failed_endpoint_leaves_the_task_undecided_and_resumes_without_repeating(work):
    failing = script([RIGHT, ModelError("gone"), ModelError("gone")])
    with pytest.raises(ModelError, match="edit-"):
        work(failing)
    assert not work.folder.has("decision.json")
    model = script([RIGHT, RIGHT])
    assert not work(model).abstained
    assert sum("Find the fault" in request.prompt for request in model.requests) == 2
    assert not any("Do not repair anything" in request.prompt for request in model.requests)


def test_a_refused_trajectory_is_missing_and_the_task_goes_on(work):
    decision = work(script([RequestRefused("filtered"), RIGHT, RIGHT]))
    assert not decision.abstained
    lost = [event for event in work.folder.events() if event["event"] == "lost"]
    assert [(event["ending"], event["why"]) for event in lost] == [("model_error", "filtered")]


def test_a_task_whose_every_request_is_refused_is_decided_and_says_why(work):
    decision = work(script([RequestRefused("filtered")] * 3))
    assert decision.abstained
    assert decision.reason.endswith("3 of 3 trajectories ended by a refused request: filtered.")


@pytest.mark.parametrize("refusal", [RequestRefused, UnusableAnswer])
@pytest.mark.parametrize("refused", ["every", "one"])
def test_a_refused_judge_costs_its_own_scores(work, refused, refusal):
    plain, asked = script([WRONG, RIGHT, RIGHT]), []

    def answer(request):
        if "Judge strictly" not in request.messages[-1].content:
            return plain._answer(request)
        asked.append(request)
        return refusal("no log-probabilities") if refused == "every" or len(asked) == 1 else "NO"

    decision = work(ScriptedModel(answer), judge="p-yes")
    assert not decision.abstained
    entries = work.folder.read("ballot.json", Ballot).entries
    scores = {entry.candidate: entry.scores.get("p-yes") for entry in entries if entry.candidate}
    assert sorted(scores.values(), key=str) == ([None, None] if refused == "every" else [0.0, None])


@pytest.mark.parametrize("refusal", [RequestRefused, UnusableAnswer])
def test_a_refused_runoff_leaves_the_shortlists_order(work, refusal):
    plain = script([WRONG, RIGHT, RIGHT])

    def answer(request):
        if "At most one of these changes is right" in request.messages[-1].content:
            return refusal("filtered")
        return plain._answer(request)

    decision = work(ScriptedModel(answer))
    assert "+    for price in prices:\n" in decision.patch
    assert decision.runoff is None


def judged(model):
    return sum("Judge strictly" in request.messages[-1].content for request in model.requests)


def test_a_judge_that_nobody_has_measured_is_left_out_and_the_record_says_so(work):
    model = script([WRONG, RIGHT, RIGHT])
    work(model)
    assert judged(model) == 0
    assert not any(entry.scores for entry in work.folder.read("ballot.json", Ballot).entries)
    (told,) = [event for event in work.folder.events() if event["event"] == "judges_left_out"]
    assert "nobody has measured it" in told["reasons"]["p-yes"]


def test_a_judge_that_is_named_is_asked_once_for_each_candidate(work):
    model = script([WRONG, RIGHT, RIGHT])
    work(model, judge="p-yes")
    assert judged(model) == 2
    assert [e.scores for e in work.folder.read("ballot.json", Ballot).entries] == [{"p-yes": 0.0}] * 3 + [{}]


def edits(model):
    return sum("Find the fault" in request.prompt for request in model.requests)


def undecided(folder):
    """Take the decision back, as --redo fewer does; the trajectories stay."""
    for name in ("decision.json", "ballot.json", "candidates.json"):
        (folder.path / name).unlink()


def test_more_and_fewer_trajectories_keep_what_there_is(work):
    failing = script([WRONG, RIGHT, ModelError("gone")])
    with pytest.raises(ModelError):
        work(failing, trajectories=3, tests=1)
    assert edits(failing) == 3
    more = script([RIGHT] * 5)
    work(more, trajectories=5, tests=3)
    assert edits(more) == 3
    pool = work.folder.read("candidates.json", Pool)
    names = [*(f"edit-{n}" for n in range(5)), *(f"test-{n}" for n in range(3))]
    assert [trajectory.id for trajectory in pool.trajectories] == names
    undecided(work.folder)
    fewer = script([])
    work(fewer, trajectories=1, tests=0)
    assert not fewer.requests
    again = work.folder.read("candidates.json", Pool)
    assert (again.candidates, again.entries) == (pool.candidates, pool.entries)


def test_a_judge_and_a_run_off_of_fewer_candidates_are_set_aside_and_held_again(work):
    work(script([WRONG, RIGHT, RIGHT]), judge="on")
    undecided(work.folder)
    model = script([RIGHT.replace("in prices:\n>>", "in list(prices):\n>>")])
    work(model, judge="on", trajectories=4)
    assert edits(model) == 1
    assert len(work.folder.read("ballot.json", Ballot).candidates) == 3
    assert "judge-0.jsonl" in {path.name.partition("-")[2] for path in work.folder.superseded()}


def test_a_stop_ends_it_between_stages(work):
    stop = threading.Event()
    stop.set()
    with pytest.raises(Interrupted):
        work(script([]), stop=stop)


def test_a_patch_made_within_a_trajectory_that_is_cut_off_is_the_best_so_far(work):
    answers = script([WRONG])

    def cut_off(request):
        if "Find the fault" not in request.messages[-1].content and "SEARCH" in str(request.messages):
            raise Interrupted
        return answers.complete(request).choices[0].content

    with pytest.raises(Interrupted):
        work(ScriptedModel(cut_off), trajectories=1, turns=2)
    best = read_so_far(work.folder)
    assert ("[*prices, 0][1:]" in best.patch, best.ended) == (True, 0)


def test_early_stop_spares_the_trajectories_that_are_left(work):
    model = script([RIGHT] * 9)
    decision = work(model, trajectories=9, early_stop=True)
    assert not decision.abstained
    assert any(event["event"] == "early_stop" for event in work.folder.events())
    assert sum("Find the fault" in request.prompt for request in model.requests) < 9


def test_grading_data_is_in_nothing_that_the_pipeline_is_given(shop):
    fields = set(type(shop.task).model_fields) | set(type(shop.task.environment).model_fields)
    assert not fields & {"patch", "test_patch", "FAIL_TO_PASS", "PASS_TO_PASS", "hints_text", "resolved"}
    assert not {name.lower() for name in fields} & {"fail_to_pass", "pass_to_pass"}


def test_trajectories_are_drawn_from_a_pool_and_each_role_asks_its_own_model(work):
    models = {name: script([RIGHT, WRONG, RIGHT, WRONG]) for name in ("a", "b", "judging", "testing", "deciding")}
    roles = {"judge": "judging", "test": "testing", "runoff": "deciding"}
    work(None, models=models, model="a, b=2", roles=roles, judge="on", trajectories=3)
    pool = work.folder.read("candidates.json", Pool)
    made = {one.id: (one.model, one.scaffold) for one in pool.trajectories}
    edits = "edit-and-test"
    assert made == {
        **{"edit-0": ("b", edits), "edit-1": ("a", edits), "edit-2": ("b", edits), "test-0": ("testing", "")}
    }
    assert [work.folder.header("edit", index)["model"] for index in range(3)] == ["b", "a", "b"]
    asked = {
        name: {
            next(w for w in ("Judge", "At most one", "Do not repair", "Find the fault") if w in request.prompt)
            for request in model.requests
        }
        for name, model in models.items()
    }
    assert asked == {
        **{"a": {"Find the fault"}, "b": {"Find the fault"}},
        **{"judging": {"Judge"}, "testing": {"Do not repair"}, "deciding": {"At most one"}},
    }


def test_a_trajectory_that_another_model_began_stands_as_it_is_and_is_not_continued(work):
    first = ScriptedModel(lambda request: TEST if "Do not repair" in request.prompt else "nothing yet")
    calls = []

    def dying(request):
        if "Do not repair" not in request.prompt:
            calls.append(request)
        return ModelError("gone") if len(calls) > 2 else first._answer(request)

    settings = {"turns": 3, "trajectories": 2, "judge": "off", "runoff_turns": 0}
    with pytest.raises(ModelError):
        work(None, models={"old": ScriptedModel(dying)}, model="old", **settings)
    new = script([RIGHT] * 4)
    work(None, models={"new": new}, model="new", **{**settings, "trajectories": 3})
    made = {one.id: one for one in work.folder.read("candidates.json", Pool).trajectories if one.kind == "edit"}
    assert {one.model for one in made.values()} == {"old", "new"}
    assert made["edit-2"].model == "new"
    stopped = [one for one in made.values() if one.ending == "stopped"]
    assert stopped
    assert all("no longer asks old" in one.why for one in stopped)


def test_a_judge_that_another_model_has_begun_is_asked_anew_and_one_that_is_over_stands(work):
    models = {"a": script([RIGHT, WRONG, RIGHT])}

    def half(request):
        return "NO" if not models["j1"].requests[1:] else ModelError("gone")

    models |= {"j1": ScriptedModel(half), "j2": ScriptedModel(lambda request: "NO")}
    with pytest.raises(ModelError):
        work(None, models=models, model="a", roles={"judge": "j1"}, judge="on")
    work(None, models=models, model="a", roles={"judge": "j2"}, judge="on")
    assert len(models["j2"].requests) == 2
    assert work.folder.header("judge", 0)["model"] == "j2"
    assert len(work.folder.superseded()) == 1


def test_models_that_may_be_shown_more_see_more(work):
    models = {"a": script([RIGHT] * 2), "b": script([RIGHT] * 2)}
    profile = [{"match": ["a"], "shown_tokens": 20}, {"match": ["b"], "shown_tokens": 2000}]
    work(None, models=models, model="a, b", profile=profile, trajectories=2, tests=0)
    small, large = (model.requests[0].messages[1].content for model in models.values())
    assert len(small) < len(large)
    assert len(list(work.folder.path.glob("context*.json"))) == 2
