"""Models of many vendors, asked through litellm's real translation: nothing is refused, and what is dropped is told."""

import pytest

from acceptance.models.providers.asking import ENVIRONMENT, asked, refusing
from acceptance.models.providers.vendors import Vendors

KINDS = ("edit", "judge", "tools", "forced")


@pytest.fixture(scope="module")
def vendors():
    with pytest.MonkeyPatch.context() as patch, Vendors() as served:
        for key, value in ENVIRONMENT.items():
            patch.setenv(key, value)
        yield served


@pytest.mark.parametrize(
    "name, dropped",
    [
        ("claude-opus-4-7", {"temperature dropped", "seed dropped"}),
        ("claude-sonnet-5", {"temperature dropped"}),
        ("claude-sonnet-4-5", {"temperature dropped", "seed dropped"}),
        ("gpt-5-mini", {"temperature dropped", "logprobs dropped"}),
        ("gpt-5.5", {"temperature dropped", "logprobs dropped"}),
        ("o3", {"temperature dropped", "logprobs dropped"}),
        ("gpt-4.1", set()),
        ("gemini/gemini-3-pro-preview", {"logprobs dropped"}),
        ("gemini/gemini-2.5-pro", {"logprobs dropped"}),
        ("deepseek/deepseek-reasoner", {"temperature dropped", "logprobs dropped", "tool_choice dropped"}),
        ("bedrock/us.anthropic.claude-sonnet-4-5-20250929-v1:0", {"temperature dropped", "seed dropped"}),
        ("ollama_chat/qwen3", {"tool_choice dropped", "logprobs dropped"}),
    ],
)
def test_no_request_is_refused_and_what_is_left_out_is_in_the_record(vendors, name, dropped):
    told = asked(name, vendors, kinds=KINDS)
    assert [one.refused or one.failed for one in told if one.refused or one.failed] == []
    assert dropped <= {note for one in told for note in one.notes}
    loop = next(one for one in told if one.kind == "tools")
    assert loop.requests == 7
    assert bool(loop.marked) == ("claude" in name)
    thinks_aloud = ("claude-opus", "claude-sonnet-4-5", "gemini", "reasoner")
    assert (loop.thoughts_back == 6) == any(part in name for part in thinks_aloud)


def test_without_a_thought_a_temperature_is_sent_as_high_as_the_vendor_takes(vendors):
    told = asked("claude-sonnet-4-5", vendors, above={"reasoning_effort": "none"}, kinds=("edit", "afresh", "forced"))
    assert not any(one.refused or one.failed for one in told)
    assert told[1].notes == ("temperature lowered to 1", "seed dropped")
    assert told[2].notes == ("seed dropped",)


@pytest.mark.parametrize(
    "name, key, note",
    [
        ("gpt-4.1", "temperature", "temperature dropped"),
        ("gpt-4.1", "stop", "stop dropped"),
        ("gpt-5-mini", "reasoning_effort", "reasoning_effort dropped"),
        ("claude-sonnet-4-5", "thinking", "thinking dropped"),
        ("claude-sonnet-4-5", "tool_choice", "tool_choice dropped"),
    ],
)
def test_a_vendor_that_changes_its_mind_is_met_once_and_the_record_says_so(name, key, note):
    with Vendors(refusing(key)) as vendors:
        told = asked(name, vendors, kinds=("edit", "tools", "samples"))
    assert [len(one.refused) for one in told if one.refused] == [1]
    assert not any(one.failed for one in told)
    assert note in told[-1].notes + told[-2].notes
