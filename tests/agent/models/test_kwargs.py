"""What a user passes to litellm is looked at before a run."""

import pytest

from agent.models.kwargs import checked_kwargs
from agent.models.profiles import ModelProfile


@pytest.mark.parametrize(
    ("kwargs", "says"),
    [
        ({"stream": "true"}, "stream cannot be passed"),
        ({"messages": []}, "messages cannot be passed"),
        ({"max_tokens": "lots"}, "max_tokens is a number"),
        ({"max_completion_tokens": True}, "is a number of tokens"),
        ({"extra_headers": "x"}, "extra_headers is a mapping"),
    ],
)
def test_what_cannot_be_passed_is_told(kwargs, says):
    with pytest.raises(ValueError, match=says):
        ModelProfile(model_kwargs=kwargs)


def test_what_can_be_is_left_as_it_is():
    kwargs = {"num_ctx": 8192, "max_tokens": "100", "extra_headers": {"a": "b"}, "extra_body": {}}
    assert checked_kwargs(kwargs) == kwargs


def test_one_pattern_needs_no_list():
    assert ModelProfile(match="claude*").match == ("claude*",)
