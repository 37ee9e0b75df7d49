"""Answers, read: blocks in a text, functions of an endpoint."""

from typing import get_args

import pytest
from tools_driver import called

from agent.models.answers.answer_kind import REPORTED
from agent.models.contract import Choice
from agent.scaffolds.tools.calling.answers import Kind, read_answer
from agent.scaffolds.tools.calling.calls import Call, Malformed, native_calls
from agent.scaffolds.tools.calling.fenced import fenced_calls
from agent.scaffolds.tools.calling.tool import ToolBox
from agent.scaffolds.tools.toolbox.shell import Bash

BOX = ToolBox((Bash(None, 1000),))


def test_several_blocks_are_calls_in_their_order_and_other_blocks_are_text():
    calls = fenced_calls(
        "Look:\n```python\nprint(1)\n```\n```bash timeout=300\nls\npwd\n```\n"
        "```insert a.py 12\nx = 1\n```\n```undo a.py\n```\n```text\nno\n```\n```submit\n```"
    )
    assert calls == [
        Call("bash", {"command": "ls\npwd", "timeout": "300"}),
        Call("edit", {"command": "insert", "path": "a.py", "insert_line": 12, "new_str": "x = 1\n"}),
        Call("edit", {"command": "undo", "path": "a.py"}),
        Call("submit", {}),
    ]


def test_a_block_with_fences_inside_is_held_by_longer_ones_and_one_that_is_cut_ends_with_the_text():
    inner = "```\ncode\n```\n"
    assert fenced_calls(f"````create docs/a.md\n{inner}````\n")[0].arguments["file_text"] == inner
    assert fenced_calls("```bash\necho 1") == [Call("bash", {"command": "echo 1"})]


@pytest.mark.parametrize(
    ("block", "problem"),
    [
        ("```replace a.py\nold\n```", "one pair"),
        ("```view\n```", "names its file"),
        ("```insert a.py\nx\n```", "the number of the line"),
    ],
)
def test_a_block_that_lacks_something_says_what(block, problem):
    (wrong,) = fenced_calls(block)
    assert isinstance(wrong, Malformed)
    assert problem in wrong.problem


@pytest.mark.parametrize(
    ("words", "view_range"), [("1-40", [1, 40]), ("5 9", [5, 9]), ("7", [7, -1]), ("3 -1", [3, -1]), ("[2, 4]", [2, 4])]
)
def test_ranges_are_read_however_they_are_written(words, view_range):
    assert fenced_calls(f"```view 'my file.py' {words}\n```")[0].arguments == {
        "command": "view",
        "path": "my file.py",
        "view_range": view_range,
    }


def test_arguments_that_are_no_object_and_calls_without_a_name_are_malformed():
    odd = called(("bash", "[1]"), ("bash", '{"a":'), ("", "{}"), ("bash", ""))
    *wrong, empty = native_calls(odd)
    assert [type(one) for one in wrong] == [Malformed] * 3
    assert empty == Call("bash", {}, "id3")
    whole = Choice(content="", finish_reason="tool_calls", tool_calls=({"function": {"name": "b", "arguments": {}}},))
    assert native_calls(whole) == [Call("b", {}, "")]


def test_calls_that_share_an_id_or_have_none_get_their_own():
    one = {"id": "same", "type": "function", "function": {"name": "bash", "arguments": '{"command": "ls"}'}}
    answer = read_answer(
        Choice(content="", finish_reason="tool_calls", tool_calls=(one, one)), BOX, native=True, number=7
    )
    ids = [call.id for call, _, _ in answer.calls]
    assert len(set(ids)) == 2
    assert [call["id"] for call in answer.message.tool_calls] == ids


def test_schemas_say_what_may_be_left_out_without_noise():
    (function,) = BOX.functions()
    parameters = function["function"]["parameters"]
    assert parameters["required"] == ["command"]
    assert parameters["properties"]["timeout"]["type"] == "number"
    assert "title" not in str(parameters)


def test_every_answer_that_is_none_has_words_in_the_report():
    assert set(get_args(Kind)) - {"calls"} <= set(REPORTED)


def test_a_call_that_the_endpoint_itself_could_not_read_is_a_malformed_one():
    answer = read_answer(Choice(content="", finish_reason="MALFORMED_FUNCTION_CALL"), BOX, native=True, number=1)
    assert answer.kind == "malformed_call"
    assert answer.problems


def read(choice, native=True):
    return read_answer(choice, BOX, native=native, number=7)


@pytest.mark.parametrize("name", ["functions.bash", "default_api.bash", "functions.bash:0", "bash"])
@pytest.mark.parametrize("arguments", [{"command": "ls"}, '{"command": "ls"}'])
def test_prefixes_of_names_and_arguments_that_are_no_text_are_put_right_for_the_way_back_too(name, arguments):
    one = {"id": "a", "type": "function", "function": {"name": name, "arguments": arguments}}
    answer = read(Choice(content="I look.", finish_reason="tool_calls", tool_calls=(one,)))
    assert [call.name for call, _, _ in answer.calls] == ["bash"]
    assert answer.message.content == "I look."
    assert answer.message.tool_calls == (
        {"id": "a", "type": "function", "function": {"name": "bash", "arguments": '{"command": "ls"}'}},
    )


def test_a_call_that_the_server_left_in_the_text_is_one_and_goes_back_as_one():
    text = 'I look.\n<tool_call>\n{"name": "functions.bash", "arguments": {"command": "ls"}}\n</tool_call>'
    answer = read(Choice(content=text, finish_reason="stop"))
    assert [(call.name, call.id, arguments.command) for call, _, arguments in answer.calls] == [
        ("bash", "call_7_0", "ls")
    ]
    assert answer.message.content == "I look."
    assert [call["id"] for call in answer.message.tool_calls] == ["call_7_0"]
    in_blocks = read(Choice(content=text, finish_reason="stop"), native=False)
    assert [(call.name, call.id) for call, _, _ in in_blocks.calls] == [("bash", "")]
    assert (in_blocks.message.content, in_blocks.message.tool_calls) == (text, ())


def test_text_that_quotes_a_call_beside_one_that_was_read_is_text():
    answer = read(called(("bash", {"command": "ls"}), text='<tool_call>{"name": "bash"}</tool_call>'))
    assert len(answer.calls) == 1
    assert "<tool_call>" in answer.message.content


def test_a_call_in_the_text_that_is_damaged_is_told_as_such():
    answer = read(Choice(content='<tool_call>{"name": "bash", "arguments": {"comm</tool_call>', finish_reason="stop"))
    assert answer.kind == "malformed_call"
    assert "the arguments of `bash` are no JSON" in answer.problems[0]
