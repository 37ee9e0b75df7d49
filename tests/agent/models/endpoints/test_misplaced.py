"""Several replicas of which one serves another model, or takes another key: its trajectories go to the others."""

import pytest
from model_endpoint import ASK, Endpoint, answer, error

from agent.models.contract import ModelUnusable, Request
from agent.models.endpoints.settings import EndpointSettings
from agent.models.litellm_client.litellm_model import LiteLLMModel
from agent.models.profiles import ModelProfile

NOT_HERE = (404, error("The model `m` does not exist."), {})
WRONG_KEY = (401, error("invalid api key"), {})


@pytest.fixture
def two():
    endpoints = [Endpoint(), Endpoint()]
    yield endpoints
    for one in endpoints:
        one.over.set()
        one.shutdown()
        one.server_close()


def model_of(endpoints):
    settings = EndpointSettings(tuple(one.url for one in endpoints))
    return LiteLLMModel("openai/m", endpoints=settings, api_key="k", profile=ModelProfile())


@pytest.mark.parametrize("says", [NOT_HERE, WRONG_KEY])
def test_one_that_cannot_be_asked_is_left_and_said(two, says, caplog):
    two[0].script, two[1].script = [says], [(200, answer("ok"), {})]
    model = model_of(two)
    for number in range(8):
        assert model.complete(Request(ASK, trajectory=str(number))).choices[0].content == "ok"
    assert len(two[0].requests) == 1
    assert f"{two[0].url} is left" in caplog.text


def test_where_none_can_be_asked_the_run_ends(two):
    two[0].script = two[1].script = [NOT_HERE]
    with pytest.raises(ModelUnusable, match="does not know this model"):
        model_of(two).complete(Request(ASK))
    assert len(two[0].requests) == len(two[1].requests) == 1
