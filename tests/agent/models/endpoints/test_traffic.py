"""Every try of a call on its way: real litellm against a server on loopback."""

import threading
from concurrent.futures import ThreadPoolExecutor

import pytest
from model_endpoint import ASK, answer, error

from agent.models.contract import ModelError, Request
from agent.models.endpoints.settings import EndpointSettings
from agent.models.failures.retrying import ModelCancelled
from agent.models.litellm_client.litellm_model import LiteLLMModel
from agent.models.profiles import ModelProfile


def model_of(endpoint, cancel=None, profile=None, **settings):
    return LiteLLMModel(
        "openai/m",
        endpoints=EndpointSettings((endpoint.url,), **settings),
        api_key="k",
        profile=profile or ModelProfile(),
        cancel=cancel,
    )


def test_after_a_push_back_fewer_are_on_their_way_and_none_is_lost(endpoint, monkeypatch):
    monkeypatch.setattr("agent.models.failures.retrying.FIRST_WAIT", 0.001)
    together = threading.Barrier(8)
    live, most, pushed = [0], [0], []

    def pushed_back(_):
        together.wait(10)
        return error("Rate limit")

    def play(request):
        if len(endpoint.requests) <= 8:
            pushed.append(1)
            return 429, pushed_back
        return 200, counted

    def counted(request):
        with endpoint.lock:
            live[0] += 1
            most[0] = max(most[0], live[0])
        with endpoint.lock:
            live[0] -= 1
        return answer("ok")

    endpoint.play = play
    model = model_of(endpoint)
    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(lambda _: model.complete(Request(ASK)), range(8)))
    assert [one.choices[0].content for one in answers] == ["ok"] * 8
    assert len(pushed) == 8
    assert most[0] <= 5


def test_a_call_that_waits_for_its_minute_ends_when_the_run_is_stopped(endpoint):
    endpoint.script = [(200, answer("ok"), {})]
    cancel = threading.Event()
    model = model_of(endpoint, cancel, rpm=1)
    model.complete(Request(ASK))
    with ThreadPoolExecutor(1) as pool:
        waiting = pool.submit(model.complete, Request(ASK))
        assert not waiting.done()
        cancel.set()
        with pytest.raises(ModelCancelled, match="waited for its turn"):
            waiting.result(10)
    assert len(endpoint.requests) == 1


def test_a_call_that_no_turn_came_for_is_told_as_that(endpoint):
    endpoint.script = [(200, answer("ok"), {})]
    model = model_of(endpoint, rpm=1)
    model.complete(Request(ASK))
    with pytest.raises(ModelError, match="no turn at the endpoint"):
        model.complete(Request(ASK, timeout=0.3))


def test_an_endpoint_that_answers_nobody_is_given_up_after_the_patience_for_all(endpoint, monkeypatch, caplog):
    monkeypatch.setattr("agent.models.failures.retrying.FIRST_WAIT", 0.001)
    endpoint.script = [(200, answer("ok"), {}), (503, error("overloaded"), {})]
    model_of(endpoint).complete(Request(ASK))  # what is slow is slow the first time, and the patience is short
    model = model_of(endpoint, retry_seconds=0.5)
    with pytest.raises(ModelError, match="no answer after repeated tries"):
        model.complete(Request(ASK))
    assert caplog.text.count("overloaded") == 1
    model._way.shown.down_since = model._way.shown.clock() - 1
    asked = len(endpoint.requests)
    with pytest.raises(ModelError, match="overloaded"):
        model.complete(Request(ASK))
    assert len(endpoint.requests) == asked + 1
    endpoint.script = [(200, answer("ok"), {}), (503, error("overloaded"), {}), (200, answer("ok"), {})]
    assert [model.complete(Request(ASK)).choices[0].content for _ in range(2)] == ["ok"] * 2


def test_headers_of_ones_own_are_kept(endpoint):
    endpoint.script = [(200, answer("ok"), {})]
    own = ModelProfile(model_kwargs={"extra_headers": {"X-Mine": "yes"}})
    model = model_of(endpoint, profile=own, affinity_header="X-Session-ID")
    model.complete(Request(ASK, trajectory="task/édit 1"))
    assert endpoint.headers[0]["x-mine"] == "yes"
    assert endpoint.headers[0]["x-session-id"] == "task/%C3%A9dit%201"
