"""Marks of what is worth caching: the shared part and the last turns, four at most, the text unchanged."""

import json

import pytest

from agent.models.litellm_client.cache_marks import is_marked, marked, unmarked

SHARED = "# Code\n\nx = 1\n\n# Issue\n\n# Request\nis a word of the issue's."


def dialogue(turns):
    messages = [{"role": "system", "content": "s"}, {"role": "user", "content": f"{SHARED}\n\n# Request\n\nDo it."}]
    for i in range(turns):
        calls = [{"id": str(i), "type": "function", "function": {"name": "bash", "arguments": "{}"}}]
        messages += [
            {"role": "assistant", "content": None, "tool_calls": calls},
            {"role": "tool", "content": f"result {i}", "tool_call_id": str(i)},
        ]
    return messages


@pytest.mark.parametrize("turns", [0, 1, 2, 9])
def test_four_marks_at_most_on_the_same_text(turns):
    plain = dialogue(turns)
    out = marked(plain)
    assert json.dumps(out).count('"cache_control"') == {0: 3, 1: 4}.get(turns, 4)
    assert unmarked(out) == plain == dialogue(turns)
    assert is_marked(out)
    assert not is_marked(plain)


def test_what_all_trajectories_share_is_a_block_of_its_own():
    edit, test = (
        marked([{"role": "user", "content": f"{SHARED}\n\n{own}"}])[0]["content"]
        for own in ("# Request\n\nCorrect it.", "# Proposed change\n\n+x\n\n# Request\n\nJudge it.")
    )
    assert edit[0] == test[0]
    assert edit[0]["text"] == f"{SHARED}\n\n"
    assert "cache_control" in edit[0]


def test_the_last_two_turns_are_marked_and_no_earlier_one():
    out = marked(dialogue(9))
    assert [i for i, message in enumerate(out) if "cache_control" in message] == [len(out) - 3, len(out) - 1]


def test_blank_texts_bear_no_mark():
    assert marked([{"role": "user", "content": " "}]) == [{"role": "user", "content": " "}]
    assert marked([]) == []
