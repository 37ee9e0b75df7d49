"""A prompt that fits and an answer's room that does not: the call is made with less room."""

import pytest
from model_endpoint import ASK, answer, error, model_at

from agent.models.contract import Request
from agent.models.litellm_client.window import room_left

SAID = [
    "max_tokens is too large: 2048. This model's maximum context length is 4096 tokens and your request has 3000 input "
    "tokens (2048 > 4096 - 3000).",
    "This model's maximum context length is 4096 tokens. However, you requested 5048 tokens (3000 in the messages, "
    "2048 in the completion).",
    "input length and `max_tokens` exceed context limit: 3000 + 2048 > 4096, decrease input length or `max_tokens`",
    "`inputs` tokens + `max_new_tokens` must be <= 4096. Given: 3000 `inputs` tokens and 2048 `max_new_tokens`",
]


@pytest.mark.parametrize("said", SAID)
def test_the_call_is_made_with_the_room_that_is_left(endpoint, said):
    endpoint.play = lambda r: (400, error(said)) if r["max_tokens"] > 1096 else (200, answer("ok"))
    completion = model_at(endpoint).complete(Request(ASK, max_tokens=2048))
    assert completion.choices[0].content == "ok"
    assert any("lowered to 1096" in note for note in completion.notes)


def test_too_little_is_none():
    assert room_left(SAID[1].replace("3000", "4000"), 2048) is None
    assert room_left("prompt is too long", 2048) is None
