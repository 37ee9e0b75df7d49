"""Whom a refusal concerns: vendors' own texts, through litellm, from a server on loopback."""

import pytest
from model_endpoint import ASK, error, model_at

from agent.models.contract import ContextOverflow, ModelError, ModelUnusable, Request, RequestRefused
from agent.models.litellm_client.litellm_model import LiteLLMModel

OVERFLOWS = [
    (400, "This model's maximum context length is 8192 tokens. However, you requested 9000 tokens"),
    (400, "request (9030 tokens) exceeds the available context size (4096 tokens)"),
    (400, "prompt is too long: 210543 tokens > 200000 maximum"),
    (400, "Input is too long for requested model."),
    (400, "Range of input length should be [1, 30720]"),
    (400, "The input token count (1250000) exceeds the maximum number of tokens allowed (1048576)."),
    (400, "This model's maximum prompt length is 131072 but the request contains 160000 tokens."),
    (400, "Input tokens exceed the configured limit of 272000 tokens."),
    (422, "Input validation error: `inputs` tokens + `max_new_tokens` must be <= 4096. Given: 5200 `inputs` tokens"),
    (400, "The prompt (131090 tokens) is longer than the model's context (131072)"),
    (400, "Prompt has 9000 tokens, but model supports only 8192 tokens."),
    (422, "total tokens (5300) > max model len (4096)"),
    (422, "`inputs` must have less than 4095 tokens. Given: 5300"),
    (413, "Request body too large for gpt-4o model. Max size: 8000 tokens."),
    (429, "Request too large for gpt-4o in organization org on tokens per min (TPM): Limit 30000, Requested 40000."),
]
REFUSED = [
    (400, "The response was filtered due to the prompt triggering Azure OpenAI's content management policy."),
    (400, "messages: text content blocks must be non-empty"),
    (400, "Requested sample logprobs of 20, which is greater than max allowed: 5"),
    (400, "failed to parse grammar"),
    (422, "Unprocessable: something of this request"),
    (403, "Your chosen model requires moderation and your input was flagged for 'violence'"),
    (451, "unavailable for legal reasons"),
]
UNUSABLE = [
    (401, "bad key", "key"),
    (403, "You are not allowed to sample from this model", "key"),
    (400, "API key not valid. Please pass a valid API key.", "key"),
    (404, "no such model", "does not know"),
    (400, "The model `gpt-9` does not exist or you do not have access to it.", "does not know"),
    (400, "gpt-9 is not a valid model ID", "does not know"),
    (403, "Project `p` does not have access to model `m`", "does not give this model"),
    (410, "The model m has been retired", "does not know"),
    (402, "Insufficient Balance", "top it up"),
    (429, "You exceeded your current quota, please check your plan", "top it up"),
    (400, "Your credit balance is too low to access the Anthropic API.", "top it up"),
    (429, "You have reached your specified API usage limits. You will regain access on 2026-12-01.", "top it up"),
]


def refused_as(kind, endpoint, status, message):
    endpoint.script = [(status, error(message), {})]
    with pytest.raises(kind) as caught:
        model_at(endpoint).complete(Request(ASK))
    assert type(caught.value) is kind
    assert len(endpoint.requests) == 1
    assert "\n" not in str(caught.value)
    assert message[:40] in str(caught.value)
    return str(caught.value)


@pytest.mark.parametrize("status, message", OVERFLOWS)
def test_a_prompt_that_is_too_long_is_its_own_affair_in_every_vendors_words(endpoint, status, message):
    refused_as(ContextOverflow, endpoint, status, message)


@pytest.mark.parametrize("status, message", REFUSED)
def test_what_is_refused_of_one_request_is_its_own_affair(endpoint, status, message):
    refused_as(RequestRefused, endpoint, status, message)


@pytest.mark.parametrize("status, message, says", UNUSABLE)
def test_only_the_key_the_models_name_and_the_account_concern_every_request(endpoint, status, message, says):
    assert says in refused_as(ModelUnusable, endpoint, status, message)


@pytest.mark.parametrize(
    "status, body, kind, says",
    [
        (
            404,
            b"<html><body><h1>404 Not Found</h1></body></html>",
            ModelUnusable,
            "check api_base, it often ends in /v1",
        ),
        (405, b'{"detail": "Method Not Allowed"}', ModelUnusable, "check api_base"),
        (403, b"<html><title>Attention Required! | Cloudflare</title></html>", RequestRefused, "Cloudflare"),
        (413, b"<html><body>413 Request Entity Too Large</body></html>", ContextOverflow, "Too Large"),
        (422, b'{"detail": [{"loc": ["body", "frob"], "msg": "not permitted"}]}', RequestRefused, "frob"),
        (400, b"", RequestRefused, "no reason"),
    ],
)
def test_a_refusal_in_another_form_is_told_by_its_own_words(endpoint, status, body, kind, says):
    endpoint.script = [(status, body, {})]
    with pytest.raises(kind) as caught:
        model_at(endpoint).complete(Request(ASK))
    assert type(caught.value) is kind
    assert says in str(caught.value)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("api_base", ["localhost:1/v1", "ftp://127.0.0.1/v1"])
def test_an_address_that_is_none_is_told_at_once(api_base):
    with pytest.raises(ModelUnusable, match="check api_base"):
        LiteLLMModel("openai/m", api_base=api_base, api_key="k").complete(Request(ASK))


def test_an_endpoint_that_is_not_there_is_named_with_what_failed(endpoint):
    endpoint.server_close()
    endpoint.shutdown()
    with pytest.raises(ModelError, match=rf"at {endpoint.url}: .*Connection refused"):
        model_at(endpoint, retry_seconds=0.1).complete(Request(ASK))


def test_a_name_without_a_provider_is_told_in_one_short_line():
    with pytest.raises(ModelUnusable, match="PROVIDER/NAME") as caught:
        LiteLLMModel("standin", api_base="http://127.0.0.1:1/v1", api_key="k").complete(Request(ASK))
    assert len(str(caught.value)) < 200
