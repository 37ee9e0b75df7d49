"""Replicas of one model: real litellm against servers on loopback."""

import json

import pytest
from model_endpoint import ASK, Endpoint, answer, error

from agent.models.contract import ModelError, Request
from agent.models.endpoints.replicas import FIRST_REST, Replicas
from agent.models.endpoints.settings import EndpointSettings
from agent.models.litellm_client.litellm_model import LiteLLMModel
from agent.models.profiles import ModelProfile


@pytest.fixture
def two():
    made = [Endpoint(), Endpoint()]
    for number, endpoint in enumerate(made):
        endpoint.script = [(200, answer(f"from {number}"), {})]
    yield made
    for endpoint in made:
        endpoint.over.set()
        endpoint.shutdown()
        endpoint.server_close()


def model_of(endpoints, **settings):
    settings = EndpointSettings(tuple(one.url for one in endpoints), **settings)
    return LiteLLMModel("openai/m", endpoints=settings, api_key="k", profile=ModelProfile())


def said(model, trajectory):
    return model.complete(Request(ASK, trajectory=trajectory)).choices[0].content


def test_a_trajectory_keeps_to_one_and_a_header_names_it(two):
    model = model_of(two, affinity_header="X-Session-ID")
    names = [f"task/edit-{number}" for number in range(6)]
    first = {name: said(model, name) for name in names}
    assert set(first.values()) == {"from 0", "from 1"}
    assert {name: said(model, name) for name in names} == first
    for number, endpoint in enumerate(two):
        told = [headers["x-session-id"] for headers in endpoint.headers]
        assert set(told) == {name for name in names if first[name] == f"from {number}"}


def test_a_failing_one_is_left_at_once_and_the_answer_is_the_others(two, caplog):
    model = model_of(two)
    name = next(name for name in map(str, range(20)) if said(model, name) == "from 0")
    two[0].script = [(502, error("bad gateway"), {})]
    asked = len(two[0].requests)
    assert [said(model, name) for _ in range(3)] == ["from 1"] * 3
    assert len(two[0].requests) == asked + 1
    assert "is left for 15 s, its trajectories go to others" in caplog.text


def test_one_that_is_left_is_tried_by_one_call_after_a_while_and_taken_back():
    now = [0.0]
    replicas = Replicas(["a", "b"], clock=lambda: now[0])
    name = next(name for name in map(str, range(20)) if replicas.pick(name).address == "a")
    mine = replicas.pick(name)
    replicas.failed(mine, "gone")
    assert replicas.pick(name).address == "b"
    now[0] = FIRST_REST + 1
    assert [replicas.pick(name).address for _ in range(3)] == ["a", "b", "b"]
    replicas.failed(mine, "gone")
    now[0] += FIRST_REST + 1
    assert replicas.pick(name).address == "b"
    now[0] += FIRST_REST
    assert replicas.pick(name).address == "a"
    replicas.worked(mine)
    assert [replicas.pick(name).address for _ in range(3)] == ["a"] * 3


def test_a_refused_request_is_not_its_replicas_fault(two):
    model = model_of(two)
    name = next(name for name in map(str, range(20)) if said(model, name) == "from 0")
    two[0].script = [(400, error("flagged"), {}), (200, answer("from 0"), {})]
    with pytest.raises(ModelError, match="flagged"):
        said(model, name)
    assert said(model, name) == "from 0"
    assert "Fix it." in json.dumps(two[0].requests)
