"""Budgets: no interleaving of calls ever passes a ceiling, and every call counts."""

import threading
from types import SimpleNamespace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from agent.models.contract import Message, ModelError, ModelUnusable, Request, Usage
from agent.models.prices import FREE, Price
from agent.models.scripted import ScriptedModel
from agent.trajectory.budget import Amount
from agent.trajectory.budgeted_model import BudgetedModel, BudgetExceeded, FixedCeilings, Ledger, UnknownPrice
from agent.trajectory.trajectory import Ending

ASK = [Message(role="user", content="two words")]
PRICE = Price(prompt=0.001, completion=0.002, cached_prompt=0.0001)


def used(prompt, completion):
    return Usage(prompt_tokens=prompt, completion_tokens=completion)


def test_the_worst_case_is_held_until_the_call_is_settled():
    ledger = Ledger(FixedCeilings(tokens=1000))
    with ledger.reserve(100, 800, 1, None) as first:
        with pytest.raises(BudgetExceeded) as caught:
            ledger.reserve(100, 800, 1, None)
        assert caught.value.ending is Ending.TOKEN_LIMIT
        first.settle(used(100, 50), None)
    with ledger.reserve(100, 750, 1, None) as second:
        assert second.max_tokens == 750
        second.settle(used(100, 750), None)
    assert ledger.spent == Amount(turns=2, tokens=1000)


def test_answers_are_shortened_to_what_is_left_but_not_below_the_floor():
    ledger = Ledger(FixedCeilings(tokens=1000))
    assert ledger.reserve(100, 5000, 2, None).max_tokens == 400
    short = Ledger(FixedCeilings(tokens=200))
    with pytest.raises(BudgetExceeded, match="228 of 200"):
        short.reserve(100, 5000, 1, None)
    assert short.reserve(100, 60, 1, None).max_tokens == 60


def test_what_is_on_record_counts_once_above_however_often_it_is_read_back():
    run = Ledger(FixedCeilings(turns=10), knows_records=True)
    run.charge(used(10, 5), 0.5)  # by its records, when it is opened
    for spent in (1, 2):
        task = run.child(FixedCeilings(turns=4))
        trajectory = task.stage().child()
        for _ in range(spent):
            trajectory.charge(used(10, 5), 0.5)
        assert task.spent == Amount(turns=spent, tokens=15 * spent, cost=0.5 * spent)
        with trajectory.reserve(10, 5, 1, FREE) as call:
            call.settle(used(10, 5), 0.5)
    assert run.spent == Amount(turns=3, tokens=45, cost=1.5)


def test_money_bounds_the_answer_too():
    ledger = Ledger(FixedCeilings(cost=1.0))
    with ledger.reserve(200, 5000, 1, PRICE) as reservation:
        assert reservation.max_tokens == 400
        reservation.settle(used(200, 400), 1.0)
    with pytest.raises(BudgetExceeded) as caught:
        ledger.reserve(1, 1, 1, PRICE)
    assert caught.value.ending is Ending.COST_LIMIT


def test_a_call_counts_at_every_level_and_any_level_can_refuse_it():
    run = Ledger(FixedCeilings(turns=3))
    task = run.child(FixedCeilings(tokens=10_000))
    first, second = task.child(FixedCeilings(turns=2)), task.child()
    for ledger in (first, first, second):
        with ledger.reserve(10, 10, 1, None) as reservation:
            reservation.settle(used(10, 5), None)
    assert (first.spent.turns, second.spent.turns, task.spent.turns, run.spent.turns) == (2, 1, 3, 3)
    with pytest.raises(BudgetExceeded, match="3 model calls"):
        second.reserve(10, 10, 1, None)
    assert run.spent.tokens == 45


def test_seconds_are_a_deadline_that_all_below_share():
    now = SimpleNamespace(time=0.0)
    task = Ledger(FixedCeilings(seconds=60), clock=lambda: now.time)
    now.time = 50.0
    late = task.child(FixedCeilings(seconds=30))
    assert late.seconds_left() == 10
    now.time = 60.0
    assert late.seconds_left() == 0
    with pytest.raises(BudgetExceeded) as caught:
        late.reserve(1, 1, 1, None)
    assert caught.value.ending is Ending.TIME_LIMIT
    assert Ledger().seconds_left() == float("inf")


def test_what_a_stage_leaves_goes_to_the_next():
    task = Ledger(FixedCeilings(tokens=1000, turns=10))
    editing = task.stage(keep=0.4)
    assert (editing.limits.tokens, editing.limits.turns) == (600, 6)
    with editing.reserve(100, 100, 1, None) as reservation:
        reservation.settle(used(100, 100), None)
    assert task.stage().limits.tokens == 800
    assert task.stage().limits.turns == 9


def test_a_money_limit_with_an_unknown_price_is_an_error_before_any_call():
    model = ScriptedModel(["a", "b"])
    model.price = None
    with pytest.raises(UnknownPrice, match="price policy"):
        BudgetedModel(model, Ledger(FixedCeilings(cost=5)).child()).complete(Request(ASK))
    assert model.requests == []
    model.price = FREE
    assert BudgetedModel(model, Ledger(FixedCeilings(cost=5))).complete(Request(ASK)).choices[0].content == "a"
    model.price = None
    assert BudgetedModel(model, Ledger(FixedCeilings(turns=5))).complete(Request(ASK)).choices[0].content == "b"


def test_a_budgeted_model_settles_what_the_call_took_and_notes_a_shorter_answer():
    ledger = Ledger(FixedCeilings(tokens=300))
    model = ScriptedModel(["three small words"])
    completion = BudgetedModel(model, ledger).complete(Request(ASK, max_tokens=1000))
    assert model.requests[0].options["max_tokens"] == 298
    assert completion.notes == ("max_tokens lowered to 298 by the budget",)
    assert ledger.spent == Amount(turns=1, tokens=5)


@pytest.mark.parametrize(
    "error, tokens",
    [(ModelUnusable("no such model"), 0), (ModelError("no answer after repeated tries"), 2 + 128)],
)
def test_a_failed_call_counts_and_its_worst_case_too_where_it_may_be_billed(error, tokens):
    ledger = Ledger(FixedCeilings(tokens=1000))
    with pytest.raises(ModelError):
        BudgetedModel(ScriptedModel([error]), ledger).complete(Request(ASK, max_tokens=128))
    assert ledger.spent == Amount(turns=1, tokens=tokens)


def test_a_call_read_back_from_a_journal_is_charged_with_its_time():
    now = SimpleNamespace(time=0.0)
    task = Ledger(FixedCeilings(seconds=100), clock=lambda: now.time)
    trajectory = task.child(FixedCeilings(seconds=100))
    trajectory.charge(used(10, 5), 0.5, seconds=40)
    assert task.spent == Amount(turns=1, tokens=15, cost=0.5)
    assert trajectory.seconds_left() == 60
    assert task.seconds_left() == 100


CALLS = st.lists(
    st.tuples(st.integers(0, 200), st.integers(1, 300), st.integers(1, 3), st.floats(0, 1)), min_size=1, max_size=12
)


@settings(max_examples=40, deadline=None)
@given(calls=CALLS, tokens=st.integers(0, 3000), turns=st.integers(0, 12), money=st.floats(0, 4))
def test_concurrent_calls_never_pass_a_ceiling(calls, tokens, turns, money):
    run = Ledger(FixedCeilings(tokens=tokens, turns=turns, cost=money))
    tasks = [run.child(FixedCeilings(tokens=tokens // 2 + 1)), run.child()]
    start = threading.Barrier(len(calls))
    refused = []

    def call(index, prompt, max_tokens, n, share):
        start.wait()
        try:
            with tasks[index % 2].reserve(prompt, max_tokens, n, PRICE, floor=1) as reservation:
                assert reservation.max_tokens <= max_tokens
                usage = used(prompt * n, int(reservation.max_tokens * share) * n)
                reservation.settle(usage, PRICE.of(usage))
        except BudgetExceeded as error:
            refused.append(error.kind)

    threads = [threading.Thread(target=call, args=(index, *each)) for index, each in enumerate(calls)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert run.spent.tokens <= tokens
    assert run.spent.turns <= turns
    assert run.spent.cost <= money + 1e-9
    assert tasks[0].spent.tokens <= tokens // 2 + 1
    assert run.spent.turns + len(refused) == len(calls)
    assert run._held == Amount(cost=pytest.approx(0.0, abs=1e-9))


def test_a_stages_call_may_take_half_of_the_time_kept_for_the_next_but_no_call_passes_the_tasks_deadline():
    now = SimpleNamespace(time=0.0)
    task = Ledger(FixedCeilings(seconds=100), clock=lambda: now.time)
    stage = task.stage(keep=0.4)
    assert stage.child().seconds_left(call=True) == 80
    assert stage.child().seconds_left() == 60
    now.time = 59.0
    assert stage.seconds_left(call=True) == 21
    with stage.reserve(1, 1, 1, None):
        now.time = 60.0
    with pytest.raises(BudgetExceeded):
        stage.reserve(1, 1, 1, None)
    assert task.stage().seconds_left(call=True) == task.seconds_left(call=True) == 40
    assert Ledger().seconds_left(call=True) == float("inf")


def test_a_model_is_told_how_long_it_may_take_and_its_own_failures_stay_its_own():
    now = SimpleNamespace(time=0.0)
    model = ScriptedModel(["yes", ModelError("broken")])
    budgeted = BudgetedModel(model, Ledger(FixedCeilings(seconds=50), clock=lambda: now.time))
    budgeted.complete(Request(ASK))
    assert model.requests[0].options["timeout"] == 50
    with pytest.raises(ModelError, match="broken"):
        budgeted.complete(Request(ASK, timeout=5))
    assert model.requests[1].options["timeout"] == 5
