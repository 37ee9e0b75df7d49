"""Parameters that an endpoint refuses: left out, lowered or renamed from then on, and told once."""

import pytest
from model_endpoint import ASK, answer, error, model_at

from agent.models.contract import Message, Request, RequestRefused
from agent.models.litellm_client.litellm_model import LiteLLMModel
from agent.models.profiles import ModelProfile, profile_for

SYSTEM = Message(role="system", content="Be terse.")
FULL = Request(
    [SYSTEM, *ASK, *ASK], temperature=0.7, max_tokens=100, logprobs=20, seed=5, grammar="root ::= [a-z]", n=2
)


def refusing(refuses, message, status=400):
    """Answer, unless the request is one that this endpoint refuses."""

    def play(request):
        return (status, error(message)) if refuses(request) else (200, answer(*["ok"] * request.get("n", 1)))

    return play


@pytest.mark.parametrize(
    "refuses, message, note",
    [
        (
            lambda r: "temperature" in r,
            "Unsupported value: 'temperature' does not support 0.7 with this model. Only the default (1) is supported.",
            "temperature dropped",
        ),
        (lambda r: r.get("temperature", 0) > 0.5, "temperature: range: 0..0.5", "temperature lowered to 0.5"),
        (lambda r: "seed" in r, "Unsupported parameter: 'seed' is not supported with this model.", "seed dropped"),
        (
            lambda r: "max_tokens" in r,
            "Unsupported parameter: 'max_tokens' is not supported. Use 'max_completion_tokens' instead.",
            "max_tokens sent as max_completion_tokens",
        ),
        (
            lambda r: r["max_tokens"] > 64,
            "max_tokens is too large: 100. This model supports at most 64 completion tokens.",
            "max_tokens lowered to 64",
        ),
        (
            lambda r: r["max_tokens"] > 64,
            "max_tokens: 100 > 64, which is the maximum allowed number of output tokens for m",
            "max_tokens lowered to 64",
        ),
        (
            lambda r: r["max_tokens"] > 64,
            "`max_tokens` must be less than or equal to `64`, the maximum value is less than the `context_window`",
            "max_tokens lowered to 64",
        ),
        (
            lambda r: r["max_tokens"] > 64,
            "it has a maxOutputTokens value of 100 but the range is from 1 (inclusive) to 65 (exclusive)",
            "max_tokens lowered to 64",
        ),
        (
            lambda r: r.get("top_logprobs", 0) > 5,
            "Requested sample logprobs of 20, which is greater than max allowed: 5",
            "logprobs lowered to 5",
        ),
        (lambda r: "logprobs" in r, "logprobs is not supported by this model", "logprobs dropped"),
        (lambda r: "grammar" in r, "Unrecognized request argument supplied: grammar", "grammar dropped"),
        (lambda r: r.get("n", 1) > 1, "'n' must be 1", "n dropped"),
        (lambda r: r["messages"][0]["role"] == "system", "System role not supported", "the system message sent"),
        (
            lambda r: r["messages"][0]["role"] == "system",
            "Unsupported value: 'messages[0].role' does not support 'system' with this model.",
            "the system message sent",
        ),
    ],
)
def test_a_refused_parameter_is_sent_otherwise_for_the_rest_of_the_run(endpoint, caplog, refuses, message, note):
    endpoint.play = refusing(refuses, message)
    model = model_at(endpoint, ModelProfile(grammar=True))
    for asked in (2, 3):
        completion = model.complete(FULL)
        assert [choice.content for choice in completion.choices] == ["ok", "ok"]
        assert any(note in each for each in completion.notes)
        if not note.startswith("n "):
            assert len(endpoint.requests) == asked
    assert caplog.text.count("from now on") == 1


def test_roles_that_a_template_refuses_by_500_are_put_in_turn_too(endpoint):
    twice = lambda r: [m["role"] for m in r["messages"]].count("user") > 1  # noqa: E731
    endpoint.play = refusing(twice, "Jinja Exception: After the optional system message, roles must alternate", 500)
    assert model_at(endpoint).complete(Request([SYSTEM, *ASK, *ASK])).choices[0].content == "ok"


def test_what_no_change_can_help_is_refused_after_one_try_for_each_parameter(endpoint):
    endpoint.play = refusing(lambda r: True, "'max_tokens' and 'max_completion_tokens' and seed and temperature")
    with pytest.raises(RequestRefused):
        model_at(endpoint).complete(FULL)
    assert len(endpoint.requests) <= 6


@pytest.mark.parametrize("name", ["claude-opus-4-7", "gpt-5-mini", "o3"])
def test_what_litellm_refuses_before_sending_is_left_out_too(endpoint, name):
    endpoint.play = lambda request: (200, answer("ok"))
    model = LiteLLMModel(
        "m", litellm_name=f"openai/{name}", api_base=endpoint.url, api_key="k", profile=profile_for(name)
    )
    completion = model.complete(Request(ASK, temperature=1.3, logprobs=20, seed=3))
    assert completion.choices[0].content == "ok"
    if name != "claude-opus-4-7":
        assert "max_completion_tokens" in endpoint.requests[0]
        assert not {"max_tokens", "temperature", "logprobs"} & endpoint.requests[0].keys()


def test_seeds_fit_31_bits_and_temperatures_the_vendors_range(endpoint):
    endpoint.script = [(200, answer("ok"), {})]
    completion = model_at(endpoint, ModelProfile(max_temperature=1)).complete(
        Request(ASK, seed=2**40 + 7, temperature=1.3)
    )
    assert endpoint.requests[0]["seed"] == 7
    assert endpoint.requests[0]["temperature"] == 1.0
    assert "temperature lowered to 1" in completion.notes


def test_where_no_temperature_is_asked_for_none_is_sent(endpoint):
    endpoint.script = [(200, answer("ok"), {})]
    completion = model_at(endpoint, ModelProfile(max_temperature=1)).complete(Request(ASK, temperature=None))
    assert "temperature" not in endpoint.requests[0]
    assert not any("temperature" in note for note in completion.notes)


def test_room_that_is_too_small_is_no_reason_to_call_it_otherwise(endpoint):
    endpoint.play = refusing(lambda r: r["max_tokens"] < 16, "Please try again with higher max_tokens.")
    model = model_at(endpoint)
    with pytest.raises(RequestRefused):
        model.complete(Request(ASK, max_tokens=4))
    assert model.complete(Request(ASK, max_tokens=99)).notes == ()


@pytest.mark.parametrize(
    "message",
    ["max_tokens must be at least 16", "Invalid 'max_output_tokens': Expected a value >= 16, but got 4 instead."],
)
def test_a_least_room_that_is_named_is_kept_to(endpoint, message):
    endpoint.play = refusing(lambda r: r["max_tokens"] < 16, message)
    model = model_at(endpoint)
    for asked in (2, 3):
        assert "max_tokens raised to 16" in model.complete(Request(ASK, max_tokens=4)).notes
        assert len(endpoint.requests) == asked


def test_log_probabilities_that_nobody_may_have_are_no_refusal_of_the_key(endpoint):
    endpoint.play = refusing(lambda r: "logprobs" in r, "You are not allowed to request logprobs from this model", 403)
    assert "logprobs dropped" in model_at(endpoint).complete(FULL).notes


@pytest.mark.parametrize("taken, sent_last", [("max_tokens", 99), (None, None)])
def test_a_room_that_litellm_renames_back_is_sent_past_it_or_else_left_out(endpoint, taken, sent_last):
    def play(request):
        names = [name for name in ("max_tokens", "max_completion_tokens") if name in request and name != taken]
        if names:
            return 400, error(f"Unsupported parameter: '{names[0]}' is not supported with this model.")
        return 200, answer("ok")

    endpoint.play = play
    model = LiteLLMModel(
        "m",
        litellm_name="openai/gpt-5-mini",
        api_base=endpoint.url,
        api_key="k",
        profile=profile_for("gpt-5-mini"),
    )
    for _ in range(2):
        completion = model.complete(Request(ASK, max_tokens=99))
        assert "max_completion_tokens sent as max_tokens" in completion.notes
    assert endpoint.requests[-1].get("max_tokens") == sent_last
    assert len(endpoint.requests) == (3 if taken else 4)


def test_a_room_under_its_other_name_is_still_lowered(endpoint):
    def play(request):
        if "max_tokens" in request:
            return 400, error("Unsupported parameter: 'max_tokens' is not supported. Use 'max_completion_tokens'.")
        if request["max_completion_tokens"] > 64:
            return 400, error("max_tokens is too large: 99. This model supports at most 64 completion tokens.")
        return 200, answer("ok")

    endpoint.play = play
    model = model_at(endpoint, ModelProfile(grammar=True))
    assert "the room of an answer lowered to 64" in model.complete(Request(ASK, max_tokens=99, grammar="a")).notes
    assert endpoint.requests[-1]["max_completion_tokens"] == 64
    assert endpoint.requests[-1]["grammar"] == "a"
