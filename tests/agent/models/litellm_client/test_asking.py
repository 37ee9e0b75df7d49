"""What a request becomes for one model: litellm's own checks and the profile decide, and the notes say."""

import pytest

from agent.models.contract import Message, Request
from agent.models.litellm_client.asking import Asking
from agent.models.litellm_client.litellm_check import LitellmCheck
from agent.models.profiles import ModelProfile, profile_for

USER = Message(role="user", content="Fix it.")
CALL = {"id": "1", "type": "function", "function": {"name": "bash", "arguments": "{}"}}
IN_LOOP = (
    USER,
    Message(role="assistant", content="", tool_calls=(CALL,)),
    Message(role="tool", content="x", tool_call_id="1"),
)
BASH = {"type": "function", "function": {"name": "bash", "description": "", "parameters": {"type": "object"}}}


def asked(name, request, **above):
    return Asking(name, profile_for(name, above=above), {}).arguments(request)


def test_a_budget_is_below_the_room_and_dropped_where_that_is_too_small():
    arguments, notes = asked("claude-sonnet-4-5", Request((USER,), max_tokens=20000))
    assert arguments["thinking"] == {"type": "enabled", "budget_tokens": 16384}
    assert "temperature" not in arguments
    assert asked("claude-sonnet-4-5", Request((USER,), max_tokens=9000))[0]["thinking"]["budget_tokens"] == 8999
    arguments, notes = asked("claude-sonnet-4-5", Request((USER,), max_tokens=500, temperature=0.5))
    assert ("thinking" in arguments, arguments["temperature"]) == (False, 0.5)
    assert "thinking dropped: too little room for it" in notes


@pytest.mark.parametrize(
    "messages, why",
    [
        (IN_LOOP, "the last call of a function came without a thought"),
        ((USER, Message(role="assistant", content="a.py")), "the answer's opening is given"),
    ],
)
def test_a_thought_that_its_vendor_would_refuse_is_not_asked_for(messages, why):
    arguments, notes = asked("claude-sonnet-4-5", Request(messages, max_tokens=20000, tools=(BASH,)))
    assert "thinking" not in arguments
    assert f"thinking dropped: {why}" in notes


def test_a_loop_s_last_word_without_functions_tells_of_those_that_were_called():
    arguments, _ = asked("gpt-4.1", Request(IN_LOOP))
    assert [tool["function"]["name"] for tool in arguments["tools"]] == ["bash"]
    assert arguments["tool_choice"] == "none"


def test_the_user_s_own_arguments_stand_above_and_are_joined():
    own = {"num_ctx": 5, "extra_body": {"top_k": 3}}
    profile = ModelProfile(grammar=True, model_kwargs=own)
    arguments, notes = Asking("openai/m", profile, {}).arguments(Request((USER,), grammar="root ::= [a-z]"))
    assert arguments["num_ctx"] == 5
    assert arguments["extra_body"] == {"grammar": "root ::= [a-z]", "top_k": 3}
    assert notes == []


def test_what_the_profile_says_is_never_sent_is_not_and_noted():
    profile = ModelProfile(drop=("seed", "stop", "n"))
    asking = Asking("openai/m", profile, {})
    arguments, notes = asking.arguments(Request((USER,), seed=3, stop=("x",)))
    assert not {"seed", "stop"} & arguments.keys()
    assert notes == ["stop dropped", "seed dropped"]
    assert not asking.takes_n()
    assert Asking("openai/m", ModelProfile(), {}).takes_n()


def test_litellm_is_asked_once_and_refuses_only_what_it_would():
    check = LitellmCheck("claude-opus-4-7", None)
    spelled = {"temperature": {"temperature": 0.5}, "stop": {"stop": ["x"]}, "seed": {"seed": 1}}
    assert check.refused(spelled) == ("temperature", "seed")
    check._names = ("none", "none")  # a second look would now refuse all
    assert check.refused(spelled) == ("temperature", "seed")


def test_of_an_unknown_vendor_nothing_is_refused_beforehand():
    assert LitellmCheck("nobody-knows/this", None).refused({"seed": {"seed": 1}}) == ()
