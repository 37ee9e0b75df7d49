"""How refusals name what they refuse: each rule is met by vendors' own words, and by no others'."""

import pytest

from agent.models.litellm_client.parameters import Refused

SENT = {
    "model": "m",
    "max_tokens": 100,
    "messages": [
        {"role": "user", "content": [{"type": "text", "text": "x", "cache_control": {"type": "ephemeral"}}]},
        {"role": "assistant", "content": None, "thinking_blocks": [{}], "tool_calls": [{"id": "1"}]},
        {"role": "tool", "content": "x", "tool_call_id": "1", "cache_control": {"type": "ephemeral"}},
    ],
    **{"temperature": 0.5, "stop": ["x"], "tools": [{}], "tool_choice": "auto", "seed": 1},
    **{"reasoning_effort": "high", "thinking": {"type": "enabled", "budget_tokens": 50}},
}


class Refusal(Exception):
    status_code = 400


@pytest.mark.parametrize(
    "words, rule",
    [
        ("cache_control: extra inputs are not permitted", "cache marks"),
        ("openai does not support parameters: ['stop'], for model=m", "stop"),
        ("stop_sequences: not supported for this model", "stop"),
        ('"auto" tool choice requires --enable-auto-tool-choice and --tool-call-parser to be set', "tool_choice"),
        ("Thinking may not be enabled when tool_choice forces tool use.", "tool_choice"),
        ("Unrecognized request argument supplied: reasoning_effort", "reasoning_effort"),
        ("thinking: this model does not support it", "thinking"),
        ("m does not support tools", "tools"),
        ("Please stop and read: the engine's reason is a bad request", None),
        ("Your prompt was flagged: try another, see docs/guides/reasoning, 'temperature' and thinking", None),
        ("Content policy: the prompt asks for 'seed'", None),
    ],
)
def test_the_rule_that_a_refusal_means(words, rule):
    assert Refused("m").names(Refusal(words), SENT) == rule


def test_what_was_refused_is_left_out_of_every_later_request_and_the_first_is_unchanged():
    refused = Refused("m")
    for words in ("'stop' is not supported", "reasoning_effort is unknown", "cache_control: not permitted"):
        assert refused.learn(Refusal(words), SENT)
    fitted, notes = refused.fitted(SENT)
    assert {"stop", "reasoning_effort"} & fitted.keys() == set()
    assert [message["content"] for message in fitted["messages"]] == ["x", None, "x"]
    assert notes == ["stop dropped", "reasoning_effort dropped", "cache marks dropped"]
    assert SENT["messages"][2]["cache_control"]
