"""Raw texts through litellm's own translation, to a server on loopback."""

import json

import pytest
from model_endpoint import ASK, answer, model_at

from agent.models.contract import Message, Request, RequestRefused
from agent.models.litellm_client.raw_completion import infill_prompt
from agent.models.profiles import ModelProfile, profile_for
from agent.trajectory.budgeted_model import Ledger
from agent.trajectory.journal import Journal, read_journal
from agent.trajectory.session import Session

FIM = ModelProfile(fim=("<pre>", "<suf>", "<mid>"), grammar=True)
TEXT = Message(role="user", content="def f(x):\n    return ")


def completion(*texts, logprobs=None):
    choices = [
        {"index": index, "text": text, "finish_reason": "stop", "logprobs": logprobs}
        for index, text in enumerate(texts)
    ]
    usage = {"prompt_tokens": 7, "completion_tokens": 3, "total_tokens": 10}
    return {"id": "x", "object": "text_completion", "created": 1, "model": "m", "choices": choices, "usage": usage}


def test_a_raw_text_is_sent_as_it_stands_and_its_answer_kept_to_the_last_blank(endpoint):
    endpoint.script = [(200, completion("  x \n", "y"), {})]
    asked = Request(
        [TEXT], raw=True, n=2, max_tokens=9, temperature=0.7, seed=3, stop=["\n\n"], grammar="root ::= [a-z]"
    )
    found = model_at(endpoint, FIM).complete(asked)
    assert [choice.content for choice in found.choices] == ["  x \n", "y"]
    assert (found.usage.prompt_tokens, found.usage.completion_tokens, found.notes) == (7, 3, ())
    sent = endpoint.requests[0]
    assert sent["prompt"] == TEXT.content
    assert "messages" not in sent
    wanted = {"model": "m", "n": 2, "max_tokens": 9, "temperature": 0.7, "seed": 3, "grammar": "root ::= [a-z]"}
    assert {name: sent[name] for name in wanted} == wanted


@pytest.mark.parametrize(
    "spelled",
    [
        {"content": [{"token": "a", "logprob": -0.5, "top_logprobs": [{"token": "b", "logprob": -1.5}]}]},
        {"tokens": ["a"], "token_logprobs": [-0.5], "top_logprobs": [{"b": -1.5}], "text_offset": [0]},
    ],
    ids=["as llama.cpp spells them", "as OpenAI's old interface does"],
)
def test_log_probabilities_are_read_in_both_spellings(endpoint, spelled):
    endpoint.script = [(200, completion("a", logprobs=spelled), {})]
    choice = model_at(endpoint, FIM).complete(Request([TEXT], raw=True, logprobs=4)).choices[0]
    assert endpoint.requests[0]["logprobs"] == 4
    assert [(one.token, one.logprob, one.top) for one in choice.logprobs] == [("a", -0.5, (("b", -1.5),))]


def test_a_model_without_tokens_for_it_and_a_dialogue_are_refused_before_they_are_sent(endpoint):
    with pytest.raises(RequestRefused, match="openai/m: no raw texts: its profile names no fill-in-the-middle tokens"):
        model_at(endpoint).complete(Request([TEXT], raw=True))
    with pytest.raises(RequestRefused, match="a raw text is one message of a user"):
        model_at(endpoint, FIM).complete(Request([TEXT, TEXT], raw=True))
    assert endpoint.requests == []


def test_a_raw_call_is_on_record_apart_from_a_chat_with_the_same_words(endpoint, tmp_path):
    endpoint.play = lambda request: (200, answer("chat") if "messages" in request else completion("raw"))
    for _ in range(2):  # the second time all of it comes from the record
        journal = Journal(tmp_path / "edit-0.jsonl", {})
        session = Session(journal=journal, model=model_at(endpoint, FIM), bench=None, ledger=Ledger())
        told = [session.ask(Request(ASK, raw=raw)).choices[0].content for raw in (True, False)]
        journal.close()
        assert told == ["raw", "chat"]
    assert len(endpoint.requests) == 2
    requests = [line["request"] for line in read_journal(tmp_path / "edit-0.jsonl") if line.get("kind") == "model"]
    assert [request.get("raw") for request in requests] == [True, None], json.dumps(requests)


def test_the_embedded_models_know_their_tokens():
    assert infill_prompt(profile_for("local"), "a = ", "\n") == "<|fim_prefix|>a = <|fim_suffix|>\n<|fim_middle|>"
    with pytest.raises(RequestRefused, match="no fill-in-the-middle tokens"):
        infill_prompt(ModelProfile(), "", "")
