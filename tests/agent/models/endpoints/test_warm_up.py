"""The first call of a fan-out goes alone."""

import threading
from concurrent.futures import ThreadPoolExecutor

import pytest
from model_endpoint import answer, error, model_at
from waiting import until

from agent.models.contract import Message, Request, RequestRefused
from agent.models.endpoints.warm_up import WarmUp
from agent.models.profiles import ModelProfile

LONG = [Message(role="user", content="word " * 3000)]
CACHES = ModelProfile(
    price={"policy": "table", "input_per_million": 3, "output_per_million": 15, "cached_per_million": 0.3}
)
PLAIN = ModelProfile(price={"policy": "table", "input_per_million": 3, "output_per_million": 15})


def begun(endpoint, model, go):
    """Start four calls of one prefix; return how many arrived before the first is let go."""
    endpoint.play = lambda _: (200, lambda _: go.wait(20) and answer("ok"))
    with ThreadPoolExecutor(4) as pool:
        calls = [pool.submit(model.complete, Request(LONG)) for _ in range(4)]
        held = model._warm_up._changed._waiters
        until(lambda: len(held) == 3 and endpoint.requests if model.profile == CACHES else len(endpoint.requests) == 4)
        before = len(endpoint.requests)
        go.set()
        return before, [call.result(20) for call in calls]


def test_the_others_wait_for_the_first_where_cached_prompts_cost_less(endpoint):
    before, answers = begun(endpoint, model_at(endpoint, profile=CACHES), threading.Event())
    assert before == 1
    assert len(endpoint.requests) == 4
    assert sum("waited for another call" in " ".join(one.notes) for one in answers) == 3


def test_nobody_waits_where_they_cost_the_same(endpoint):
    before, _ = begun(endpoint, model_at(endpoint, profile=PLAIN), threading.Event())
    assert before == 4


def test_one_that_waits_goes_when_the_first_is_answered_and_none_after_it_waits():
    warm, over = WarmUp(), threading.Event()
    order = []

    def second():
        with warm.turn(LONG, over.is_set) as waited:
            order.append(("second", waited))

    with warm.turn(LONG, over.is_set):
        thread = threading.Thread(target=second)
        thread.start()
        order.append(("first", False))
    thread.join(5)
    assert order[0] == ("first", False)
    assert order[1][0] == "second"
    with warm.turn(LONG, over.is_set) as waited:
        assert not waited


def test_when_the_first_fails_the_next_leads(endpoint):
    endpoint.script = [(400, error("flagged"), {}), (200, answer("ok"), {})]
    model = model_at(endpoint, profile=CACHES)
    with pytest.raises(RequestRefused):
        model.complete(Request(LONG))
    assert model.complete(Request(LONG)).choices[0].content == "ok"


def test_short_prompts_and_later_turns_do_not_wait():
    warm = WarmUp()
    later = [*LONG, Message(role="assistant", content="a"), Message(role="user", content="b")]
    with warm.turn(LONG, lambda: False):
        for messages in (later, [Message(role="user", content="short")]):
            with warm.turn(messages, lambda: False) as waited:
                assert not waited
