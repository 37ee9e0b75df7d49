"""The model client against a real HTTP server on loopback that answers, stalls, refuses and breaks on cue."""

import threading

import pytest
from model_endpoint import ASK, answer, error, model_at

from agent.models.contract import ContextOverflow, Message, ModelError, ModelUnusable, Request, RequestRefused, Usage
from agent.models.failures.retrying import ModelCancelled, retry_after
from agent.models.litellm_client.litellm_model import LiteLLMModel
from agent.models.prices import FREE
from agent.models.profiles import ModelProfile, PricePolicy
from agent.trajectory.budgeted_model import BudgetedModel, BudgetExceeded, FixedCeilings, Ledger
from agent.trajectory.trajectory import Ending
from environments.sandboxes.lease import CpuLease


def test_an_answer_with_usage_logprobs_and_everything_asked(endpoint):
    token = {
        "token": "Y",
        "logprob": -0.1,
        "bytes": [89],
        "top_logprobs": [{"token": "N", "logprob": -2.5, "bytes": [78]}],
    }
    endpoint.script = [(200, answer("YES", logprobs=[token]), {})]
    completion = model_at(endpoint, ModelProfile(grammar=True)).complete(
        Request(ASK, temperature=0.5, max_tokens=9, logprobs=20, seed=3, grammar="root ::= [a-z]")
    )
    choice = completion.choices[0]
    assert (choice.content, choice.finish_reason) == ("YES", "stop")
    assert choice.logprobs[0].top == (("N", -2.5),)
    assert completion.usage == Usage(prompt_tokens=10, cached_prompt_tokens=4, completion_tokens=5)
    assert completion.notes == ()
    sent = endpoint.requests[0]
    assert {key: sent[key] for key in ("temperature", "max_tokens", "logprobs", "top_logprobs", "seed", "grammar")} == {
        "temperature": 0.5,
        "max_tokens": 9,
        "logprobs": True,
        "top_logprobs": 20,
        "seed": 3,
        "grammar": "root ::= [a-z]",
    }


def test_what_the_model_has_not_is_dropped_and_noted(endpoint):
    endpoint.script = [(200, answer("a"), {})]
    model = model_at(endpoint, ModelProfile(temperature=False, max_output_tokens=50))
    completion = model.complete(Request(ASK, temperature=0.5, max_tokens=100, grammar="root ::= [a-z]"))
    assert completion.notes == ("max_tokens lowered to 50", "temperature dropped", "grammar dropped")
    assert endpoint.requests[0]["max_tokens"] == 50
    assert not {"temperature", "grammar", "seed", "logprobs", "n"} & endpoint.requests[0].keys()


def test_n_is_emulated_where_the_endpoint_gives_one_choice_with_other_seeds(endpoint):
    endpoint.script = [(200, lambda request: answer(str(request["seed"])), {})]
    completion = model_at(endpoint).complete(Request(ASK, n=3, seed=7))
    assert [choice.content for choice in completion.choices] == ["7", "8", "9"]
    assert completion.notes == ("n emulated by 3 calls",)
    assert (completion.usage.prompt_tokens, completion.usage.completion_tokens) == (30, 15)


def test_choices_that_are_paid_survive_a_later_failure(endpoint):
    endpoint.script = [(200, answer("a"), {}), (400, error("enough"), {})]
    completion = model_at(endpoint).complete(Request(ASK, n=2))
    assert [choice.content for choice in completion.choices] == ["a"]
    assert any("missing" in note and "enough" in note for note in completion.notes)


def test_llamacpp_counts_all_choices_stays_within_its_slots_and_does_not_repeat_the_opening(endpoint):
    endpoint.script = [(200, lambda request: answer(*["> one two"] * request.get("n", 1)), {})]
    model = model_at(endpoint, ModelProfile(server="llamacpp", parallel_slots=2))
    completion = model.complete(Request([*ASK, Message(role="assistant", content="> ")], n=3))
    assert [choice.content for choice in completion.choices] == ["one two"] * 3
    assert [request.get("n", 1) for request in endpoint.requests] == [2, 1]
    assert completion.usage.completion_tokens == 2 * (2 + 1) + 5  # two counted by us with their end token, one by it
    assert model.count_tokens(ASK) == 3


def test_429_waits_as_told_and_500_and_a_reset_are_retried(endpoint):
    endpoint.script = [
        (429, error("slow down"), {"Retry-After": "0"}),
        (500, error("boom"), {"Retry-After": "0"}),
        (503, error("busy"), {"Retry-After": "0"}),
        (0, "reset", {}),
        (200, answer("done"), {}),
    ]
    retries = []
    completion = model_at(endpoint, before_retry=lambda: retries.append(1)).complete(Request(ASK))
    assert completion.choices[0].content == "done"
    assert len(endpoint.requests) == 5
    assert len(retries) == 4


def test_a_wait_longer_than_the_cap_fails_at_once(endpoint):
    endpoint.script = [(429, error("slow down"), {"Retry-After": "3600"})]
    with pytest.raises(ModelError, match="slow down") as caught:
        model_at(endpoint, retry_seconds=30).complete(Request(ASK))
    assert not isinstance(caught.value, ModelUnusable)
    assert len(endpoint.requests) == 1


def test_a_stalled_endpoint_times_out(endpoint):
    endpoint.script = [(0, "stall", {})]
    with pytest.raises(ModelError, match="no answer"):
        model_at(endpoint, timeout=0.3, retry_seconds=0.1).complete(Request(ASK))


def test_a_call_is_given_up_after_the_time_that_its_caller_has_left(endpoint):
    endpoint.script = [(200, "stall", {})]
    with pytest.raises(ModelError):
        model_at(endpoint, timeout=3600, retry_seconds=3600).complete(Request(ASK, timeout=0.3))
    assert len(endpoint.requests) == 1
    ledger = Ledger(FixedCeilings(seconds=0.3))
    with pytest.raises(BudgetExceeded, match="given up at the deadline") as caught:
        BudgetedModel(model_at(endpoint, timeout=3600, retry_seconds=3600), ledger).complete(Request(ASK))
    assert caught.value.ending is Ending.TIME_LIMIT


@pytest.mark.parametrize(
    "status, message, kind, says",
    [
        (400, "request (9030 tokens) exceeds the available context size (4096 tokens)", ContextOverflow, "not fit"),
        (400, "This model's maximum context length is 8192 tokens", ContextOverflow, "not fit"),
        (401, "bad key", ModelUnusable, "key"),
        (404, "no such model", ModelUnusable, "does not know"),
        (400, "failed to parse grammar", RequestRefused, "failed to parse grammar"),
        (429, "You exceeded your current quota, please check your plan", ModelUnusable, "quota"),
    ],
)
def test_what_a_retry_cannot_help_fails_at_once_in_one_line(endpoint, status, message, kind, says):
    endpoint.script = [(status, error(message), {})]
    with pytest.raises(kind, match=says) as caught:
        model_at(endpoint).complete(Request(ASK))
    assert len(endpoint.requests) == 1
    assert "\n" not in str(caught.value)
    assert "litellm" not in str(caught.value)


def test_a_stopped_run_does_not_wait_for_the_next_try(endpoint):
    endpoint.script = [(503, error("busy"), {"Retry-After": "3600"})]
    cancel = threading.Event()
    with pytest.raises(ModelCancelled):
        model_at(endpoint, retry_seconds=9999, cancel=cancel, before_retry=cancel.set).complete(Request(ASK))


def test_one_slow_call_blocks_no_other(endpoint):
    slow_one_is_in = threading.Event()

    def play(request):
        if request["messages"][0]["content"] == "slow":
            slow_one_is_in.set()
            endpoint.over.wait(30)
        return answer("ok")

    endpoint.script = [(200, play, {})]
    model, slow = model_at(endpoint), []
    thread = threading.Thread(
        target=lambda: slow.append(model.complete(Request([Message(role="user", content="slow")]))), daemon=True
    )
    thread.start()
    assert slow_one_is_in.wait(20)
    assert model.complete(Request(ASK)).choices[0].content == "ok"
    assert slow == []
    endpoint.over.set()
    thread.join(20)
    assert len(slow) == 1


def test_the_lease_is_held_on_the_models_side_during_a_call(endpoint):
    lease, seen = CpuLease(), []
    endpoint.script = [(200, lambda request: seen.append(lease._active.group) or answer("a"), {})]
    model_at(endpoint, lease=lease).complete(Request(ASK))
    assert seen == ["model"]
    assert lease._active is None


@pytest.mark.parametrize(
    "policy, cost",
    [
        (PricePolicy(), None),
        (PricePolicy(policy="zero"), 0.0),
        (PricePolicy(policy="table", input_per_million=1, output_per_million=2), 10e-6 + 2 * 5e-6),
    ],
)
def test_an_unknown_price_stays_unknown_unless_a_policy_says(endpoint, policy, cost):
    endpoint.script = [(200, answer("a"), {})]
    completion = model_at(endpoint, ModelProfile(price=policy)).complete(Request(ASK))
    assert completion.cost == (None if cost is None else pytest.approx(cost))


def test_listed_prices_are_used_and_guessed_names_have_none():
    assert LiteLLMModel("anthropic/claude-sonnet-4-5").price.completion > 0
    assert LiteLLMModel("anthropic/claude-that-is-not-out-yet").price is None
    assert LiteLLMModel("local").price == FREE


def test_retry_after_may_be_a_date():
    failure = type("Failure", (Exception,), {})()
    failure.response = type("Response", (), {"headers": {"retry-after": "Wed, 21 Oct 2015 07:28:00 GMT"}})()
    assert retry_after(failure) == 0.0
    failure.response.headers = {"retry-after": "soon"}
    assert retry_after(failure) is None


def test_tokens_of_a_remote_model_are_an_upper_estimate():
    counted = LiteLLMModel("anthropic/claude-sonnet-4-5").count_tokens([Message(role="user", content="word " * 100)])
    assert 100 <= counted <= 200


def test_half_a_character_in_an_answer_can_be_written_down(endpoint):
    endpoint.script = [(200, answer("a \ud800 b"), {})]
    assert model_at(endpoint).complete(Request(ASK)).choices[0].content == "a \ufffd b"
