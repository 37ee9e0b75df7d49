"""Whom a refusal concerns: vendors' own texts, through litellm, from a server on loopback."""

import pytest
from model_endpoint import ASK, error, model_at

from agent.models.contract import ContextOverflow, ModelUnusable, Request, RequestRefused

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
