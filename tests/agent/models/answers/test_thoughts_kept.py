"""A vendor's thoughts are kept as they came, and go back only as what it wants them."""

from types import SimpleNamespace

import pytest

from agent.models.answers.thoughts_kept import thoughts_back, thoughts_of
from agent.models.contract import Message

BLOCK = {"type": "thinking", "thinking": "so", "signature": "s1"}
CALLS = ({"id": "1", "type": "function", "function": {"name": "bash", "arguments": "{}"}},)


@pytest.mark.parametrize(
    "kind, given, back",
    [
        ("blocks", {"thinking_blocks": [BLOCK]}, {"thinking_blocks": [BLOCK]}),
        (
            "blocks",
            {"provider_specific_fields": {"thought_signatures": ["x"]}},
            {"provider_specific_fields": {"thought_signatures": ["x"]}},
        ),
        ("reasoning_content", {"reasoning_content": "so"}, {"reasoning_content": "so"}),
        ("reasoning_details", {"reasoning_details": [{"text": "so"}]}, {"reasoning_details": [{"text": "so"}]}),
        ("", {"thinking_blocks": [BLOCK], "reasoning_content": "so"}, {}),
    ],
)
def test_there_and_back(kind, given, back):
    kept = thoughts_of(SimpleNamespace(**given), kind)
    message = Message(role="assistant", content="", tool_calls=CALLS, thinking=kept)
    assert thoughts_back(message, kind) == back
    assert thoughts_back(message, "") == {}


def test_a_plain_reasoning_goes_back_beside_calls_alone():
    kept = ({"type": "reasoning_content", "text": "so"},)
    assert thoughts_back(Message(role="assistant", content="x", thinking=kept), "reasoning_content") == {}


def test_another_vendor_s_blocks_stay_at_home():
    message = Message(role="assistant", content="", tool_calls=CALLS, thinking=(BLOCK,))
    assert thoughts_back(message, "reasoning_content") == {}
