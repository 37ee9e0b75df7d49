"""Chat completions and errors in vendors' spellings, in the usual form."""

import pytest

from agent.models.answers.usual_form import UnreadableBody, usual_form


def message(**fields):
    return {"choices": [{"index": 0, "finish_reason": "stop", "message": {"role": "assistant", **fields}}]}


@pytest.mark.parametrize(
    "fields, content",
    [
        ({"content": {"type": "text", "text": "fix"}}, "fix"),
        ({"content": [None, {"type": "text", "text": {"value": "fix"}}]}, "fix"),
        ({"content": 42}, "42"),
        ({"content": None}, ""),
        ({"content": "fix", "tool_calls": "none"}, "fix"),
        ({"content": "fix", "tool_calls": [None], "reasoning_content": {"text": "hm"}}, "fix"),
    ],
)
def test_an_answers_text_is_a_text(fields, content):
    said = usual_form(message(**fields))[1]["choices"][0]["message"]
    assert said["content"] == content
    assert "tool_calls" not in said


def test_a_refusal_beside_an_empty_answer_is_a_filters():
    assert usual_form(message(content=None, refusal="I cannot"))[1]["choices"][0]["finish_reason"] == "content_filter"


@pytest.mark.parametrize(
    "usage, counted",
    [
        ({"prompt_tokens": "7", "completion_tokens": "3"}, (7, 3, 0)),
        ({"prompt_tokens": 7.0, "completion_tokens": 3.5}, (7, 3, 0)),
        ({"prompt_tokens": 7, "completion_tokens": -3, "prompt_tokens_details": {"cached_tokens": 99}}, (7, 0, 7)),
        ({"prompt_tokens": 7, "completion_tokens": 3, "prompt_tokens_details": "none"}, (7, 3, 0)),
    ],
)
def test_counts_are_numbers_of_tokens(usage, counted):
    told = usual_form({**message(content="x"), "usage": usage})[1]["usage"]
    assert (told["prompt_tokens"], told["completion_tokens"], told["prompt_tokens_details"]["cached_tokens"]) == counted


@pytest.mark.parametrize("usage", [None, [1, 2], {"prompt_tokens": -1}, {"prompt_tokens": True}, {"prompt_tokens": 0}])
def test_counts_that_are_none_are_left_to_runoff(usage):
    assert "usage" not in usual_form({**message(content="x"), "usage": usage})[1]


@pytest.mark.parametrize(
    "body, status, says",
    [
        ({"error": {"message": "no credits", "code": "402"}}, 402, "no credits"),
        ({"error": {"message": "filtered", "code": "content_filter"}}, 400, "filtered"),
        ({"error": "model is loading"}, 502, "model is loading"),
        ({"message": "Too many requests", "code": 429}, 429, "Too many requests"),
        ({"error_code": 336003, "error_msg": "the max length is 2000"}, 400, "the max length"),
        ({"choices": None, "base_resp": {"status_code": 1008, "status_msg": "insufficient balance"}}, 400, "balance"),
        ({"choices": [{"error": {"code": 502, "message": "died"}, "message": {"content": ""}}]}, 502, "died"),
        ({"promptFeedback": {"blockReason": "SAFETY"}}, 400, "SAFETY"),
    ],
)
def test_an_error_inside_has_its_status_and_its_words(body, status, says):
    found, told = usual_form(body)
    assert found == status
    assert says in told["error"]["message"]


def test_what_is_neither_answer_nor_error_is_told():
    with pytest.raises(UnreadableBody, match="detail"):
        usual_form({"detail": "ok"})
