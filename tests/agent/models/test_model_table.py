"""What litellm's table says without litellm."""

import pytest

from agent.models.model_table import similar_name


@pytest.mark.parametrize(
    ("name", "similar"),
    [
        ("anthropic/claude-sonet-5", "anthropic/claude-sonnet-5"),
        ("openai/gpt-5-minni", "openai/gpt-5-mini"),
        ("claude-sonet-5", "claude-sonnet-5"),
        ("anthropic/claude-sonnet-5", None),
        ("hosted_vllm/mine", None),
        ("foo", None),
    ],
)
def test_a_misspelt_name_is_told_the_nearest_of_its_vendor(name, similar):
    assert similar_name(name) == similar
