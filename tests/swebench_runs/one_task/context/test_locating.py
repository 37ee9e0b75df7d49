"""Locating in a task: on record, paid for once, counted under its role, and left out where it fails."""

import threading
from collections import Counter

import pytest
from model_endpoint import Endpoint, model_at

from agent.context.located import Located
from agent.models.contract import ModelError, RequestRefused
from agent.models.scripted import ScriptedModel
from agent.trajectory.budget import Ledger
from agent.trajectory.session import Interrupted
from environments.sandboxes.lease import NoLease
from environments.workbench.workbench import Workbench
from swebench_runs.after_run.spent import spent_on
from swebench_runs.config import parse
from swebench_runs.one_task import stages
from swebench_runs.one_task.context import locating
from swebench_runs.one_task.places import Places
from swebench_runs.one_task.progress import Silence
from swebench_runs.one_task.task_run import Shared, TaskRun
from swebench_runs.one_task.work import Work
from swebench_runs.run_folder.task_folder import TaskFolder

YES, NO = "RELEVANT: YES\nSUMMARY: it adds up", "RELEVANT: NO\nSUMMARY: none"
CART, TAX = (
    "def fill(cart, thing):\n    cart.append(thing)\n",
    "RATE = 7\n\n\ndef tax(price):\n    return price * RATE\n",
)

USAGE = {"prompt_tokens": 7, "completion_tokens": 3, "total_tokens": 10}


class Counting(Silence):
    """Counts the calls by role, and keeps the notes."""

    def __init__(self):
        self.calls, self.notes = Counter(), []

    def usage(self, task, usage, cost, *, by=("", "")):
        self.calls[by[0]] += 1

    def note(self, task, text):
        self.notes.append(text)


@pytest.fixture(scope="module")
def bench(shop, tmp_path_factory):
    with shop.base.fork() as base:
        base.write("shop/cart.py", CART.encode())
        base.write("shop/tax.py", TAX.encode())
        record = tmp_path_factory.mktemp("bench") / "executions.jsonl"
        with Workbench(base, shop.task, record=record, lease=NoLease()) as bench:
            yield bench


@pytest.fixture
def work(shop, bench, tmp_path):
    def work(answer, models=None, **changes):
        model = answer if isinstance(answer, ScriptedModel) else ScriptedModel(answer)
        config = parse({"model": "scripted", "locate_rankings": 2, **changes})
        shared = Shared(
            model=model,
            models=models or {},
            config=config,
            lease=NoLease(),
            progress=Counting(),
            stop=threading.Event(),
            live=Places(2),
        )
        folder, ledger = TaskFolder(tmp_path / "shop-1"), Ledger(config.limits.task)
        run = TaskRun(task=shop.task, base=shop.base, folder=folder, ledger=ledger, shared=shared)
        return Work(run, bench)

    return work


@pytest.fixture
def endpoint():
    with Endpoint() as server:
        yield server
        server.over.set()
        server.shutdown()


def judging(ranking="shop/cart.py\nshop/price.py", **said):
    """Answer by what is asked: the cart and the price are relevant, unless ``said``."""
    verdicts = {"tax": NO, **said}

    def answer(request):
        prompt = request.messages[-1].content
        if "Order these files" in prompt:
            return ranking
        return next((text for name, text in verdicts.items() if f"# shop/{name}.py" in prompt), YES)

    return answer


def located(work):
    return work.folder.read("located.json", Located)


def test_files_are_judged_ranked_shown_whole_and_paid_for_once(work):
    first = work(judging(), locate="relevance", context_tokens=9000)
    context = stages.build_context(first, [])
    found = located(first)
    assert (found.files, found.asked, found.failed) == (("shop/cart.py", "shop/price.py"), 3, "")
    assert found.summaries["shop/cart.py"] == "it adds up"
    assert f"shop/cart.py\n```python\n{CART}" in context.text
    assert [symbol.path for symbol in context.symbols] == ["shop/cart.py"] + ["shop/price.py"] * 2 + ["shop/tax.py"] * 2
    assert first.progress.calls == {"locate": 3 + 2}
    (spent,) = [one for one in spent_on(first.folder) if one.stage == "locate"]
    assert (spent.calls, spent.models["scripted"].calls, spent.answers) == (5, 5, {})
    again = work([], locate="relevance", context_tokens=9000)
    assert stages.build_context(again, []) == context
    assert again.progress.calls == {"locate": 5}
    assert again.run.ledger.spent.turns == first.run.ledger.spent.turns == 5


def test_a_killed_stage_goes_on_without_asking_again(work):
    config = {"locate": "relevance", "workers": 1}

    def dying(request):
        if "Order these files" in request.messages[-1].content:
            raise Interrupted
        return YES

    killed = work(dying, **config)
    with pytest.raises(Interrupted):
        stages.build_context(killed, [])
    assert located(killed) is None
    model = ScriptedModel(judging(ranking="shop/tax.py"))
    stages.build_context(work(model, **config), [])
    assert ["Order these files" in request.prompt for request in model.requests] == [True, True]
    assert located(killed).files[0] == "shop/tax.py"


def test_answers_about_the_same_content_are_kept_when_more_files_are_judged(work, monkeypatch):
    monkeypatch.setattr(locating, "GROUPS", 1)

    def dying(request):
        if "Order these files" in request.messages[-1].content:
            raise Interrupted
        return YES

    with pytest.raises(Interrupted):
        stages.build_context(work(dying, locate="relevance", locate_files=2), [])
    model = ScriptedModel(judging())
    stages.build_context(work(model, locate="relevance", locate_files=5), [])
    judged = [request for request in model.requests if "Is this file relevant" in request.prompt]
    assert len(judged) == 1


@pytest.mark.parametrize(
    ("failure", "said"),
    [
        (RequestRefused("filtered"), "filtered"),
        (ModelError("gone"), "gone"),
        ("Hm.", "no file of the repository was named"),
    ],
)
def test_a_failure_falls_back_to_the_ranking_and_says_so(work, failure, said, caplog):
    plain = work([], locate="none")
    failed = work(lambda request: failure, locate="symbols", seed=1)
    context = stages.build_context(failed, [])
    assert said in located(failed).failed
    assert said in caplog.text
    assert "the ranking stands without it" in failed.progress.notes[0]
    (event,) = [one for one in failed.folder.events() if one["event"] == "located"]
    assert said in event["failed"]
    (failed.folder.path / "context.json").unlink()
    (failed.folder.path / "located.json").unlink()
    assert stages.build_context(plain, []) == context


@pytest.mark.parametrize(
    ("answer", "groups"), [(RequestRefused("filtered"), 1), ("who knows", 1), (ModelError("gone"), 4)]
)
def test_a_file_that_is_refused_or_not_judged_costs_itself_alone(work, monkeypatch, answer, groups):
    monkeypatch.setattr(locating, "GROUPS", groups)
    one = work(judging(price=answer), locate="relevance")
    stages.build_context(one, [])
    assert (located(one).files, located(one).unread) == (("shop/cart.py",), 1)
    assert located(one).failed == ""


def test_symbols_that_are_named_come_first(work):
    named = work(["shop/tax.py\nshop/none.py", "shop/tax.py::tax"], locate="symbols")
    context = stages.build_context(named, [])
    assert [symbol.id for symbol in context.symbols][:2] == ["shop/tax.py::tax", "shop/tax.py::RATE"]
    assert (located(named).dropped, located(named).asked) == (1, 3)
    assert named.folder.header("locate", 0)["model"] == "scripted"


def test_a_task_with_a_context_is_not_asked_about(work):
    context = stages.build_context(work([]), [])
    later = work([], locate="symbols")
    assert stages.build_context(later, []) == context
    assert located(later) is None


def test_a_spent_budget_ends_the_stage_and_not_the_task(work):
    poor = work(judging(), locate="relevance", limits={"task": {"turns": 5}})
    stages.build_context(poor, [])
    assert located(poor).unread == 2


def test_a_real_endpoint_is_asked_by_the_role_s_model_and_refuses_one_file(work, endpoint):
    def play(request):
        prompt = request["messages"][-1]["content"]
        if "# shop/tax.py" in prompt:
            return 400, {"error": {"message": "content filtered", "type": "invalid_request_error"}}
        text = "shop/cart.py" if "Order these files" in prompt else YES
        message = {"role": "assistant", "content": text}
        return 200, {"choices": [{"index": 0, "message": message, "finish_reason": "stop"}], "usage": USAGE}

    endpoint.play = play
    one = work(
        [], models={"openai/m": model_at(endpoint)}, locate="relevance", roles={"locate": "openai/m"}, locate_rankings=1
    )
    stages.build_context(one, [])
    assert (located(one).files, located(one).unread) == (("shop/cart.py", "shop/price.py"), 1)
    (spent,) = [part for part in spent_on(one.folder) if part.stage == "locate"]
    assert (spent.calls, spent.answers, spent.usage.prompt_tokens) == (3, {"refused": 1}, 21)
    assert list(spent.models) == ["openai/m"]
