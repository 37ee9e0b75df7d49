"""How long an endpoint's failures are waited out."""

import pytest
from model_endpoint import ASK, answer, error, model_at

from agent.models.contract import ModelError, Request, UnusableAnswer
from agent.models.failures.patience import Endpoint, Patience


@pytest.fixture(autouse=True)
def _fast(monkeypatch):
    monkeypatch.setattr("agent.models.failures.retrying.FIRST_WAIT", 0.001)


def test_a_request_at_which_the_endpoint_fails_while_it_answers_others_is_given_up(endpoint):
    poison = lambda r: "Fix" in r["messages"][0]["content"]  # noqa: E731
    endpoint.play = lambda r: (500, error("internal")) if poison(r) else (200, answer("ok"))
    model = model_at(endpoint)
    model.complete(Request([ASK[0].model_copy(update={"content": "Hello"})]))
    with pytest.raises(UnusableAnswer, match="answers others: internal"):
        model.complete(Request(ASK))
    assert len(endpoint.requests) == 1 + 6


def test_one_that_has_answered_nothing_yet_may_be_starting(endpoint):
    endpoint.script = [(500, error("internal"), {})] * 7 + [(200, answer("ok"), {})]
    assert model_at(endpoint).complete(Request(ASK)).choices[0].content == "ok"


def test_an_endpoint_that_was_never_reached_is_not_waited_for_long():
    import httpx

    lost = httpx.ConnectError("refused")
    assert not Patience(Endpoint()).worn_out(lost, 3, 29.0)
    assert Patience(Endpoint()).worn_out(lost, 9, 31.0)
    assert not Patience(Endpoint(answered=True)).worn_out(lost, 9, 31.0)
    assert not Patience(Endpoint(revived=True)).worn_out(lost, 9, 31.0)


def test_a_wait_longer_than_the_call_may_take_is_told_with_its_length(endpoint):
    endpoint.script = [(429, error("Rate limit"), {"retry-after": "3600"})]
    with pytest.raises(ModelError, match="asks to wait 3600 s"):
        model_at(endpoint).complete(Request(ASK))
    assert len(endpoint.requests) == 1


@pytest.mark.parametrize("value", ["inf", "nan", "soon", "Fri, 31 Feb 99999 25:00:00 GMT"])
def test_a_wait_that_is_none_is_not_kept_to(endpoint, value):
    endpoint.script = [(429, error("Rate limit"), {"retry-after": value}), (200, answer("ok"), {})]
    assert model_at(endpoint).complete(Request(ASK)).choices[0].content == "ok"


def test_answers_that_are_cut_on_the_way_and_other_failures_are_not_the_requests_fault(endpoint):
    model = model_at(endpoint)
    endpoint.script = [(200, answer("ok"), {})]
    model.complete(Request(ASK))
    lost, busy = (200, "reset", {}), (529, error("overloaded"), {})
    endpoint.script = [*[lost, busy] * 4, (500, error("internal"), {}), (200, answer("ok"), {})]
    assert model.complete(Request(ASK)).choices[0].content == "ok"
