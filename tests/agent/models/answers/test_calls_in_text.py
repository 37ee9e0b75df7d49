"""Calls that a server left in an answer's text, in the forms of several models."""

import json
from time import process_time

import pytest

from agent.models.answers.calls_in_text import calls_in_text


def read(text):
    rest, calls = calls_in_text(text)
    return rest, [(call["function"]["name"], json.loads(call["function"]["arguments"])) for call in calls]


LS, EDIT = ("bash", {"command": "ls"}), ("edit", {"command": "view", "path": "a.py"})
JSON = '{"name": "bash", "arguments": {"command": "ls"}}'
TWO = '{"name": "edit", "arguments": {"command": "view", "path": "a.py"}}'


@pytest.mark.parametrize(
    "text, calls",
    [
        (f"<tool_call>\n{JSON}\n</tool_call>", [LS]),
        (f"<tool_call>{JSON}</tool_call>\n<tool_call>{TWO}</tool_call>", [LS, EDIT]),
        (f"<tool_call>{JSON}\n<tool_call>{TWO}", [LS, EDIT]),
        ('<tool_call>{"type": "function", "function": {"name": "bash", "parameters": {"command": "ls"}}}', [LS]),
        ('<tool_call>{"name": "bash", "arguments": "{\\"command\\": \\"ls\\"}"}</tool_call>', [LS]),
        ("<tool_call>\n<function=bash>\n<parameter=command>\nls\n</parameter>\n</function>\n</tool_call>", [LS]),
        ("<function=edit><parameter=command>view</parameter><parameter=path>a.py</parameter></function>", [EDIT]),
        ('<function=bash>{"command": "ls"}</function>', [LS]),
        ("<function=bash></function>", [("bash", {})]),
        ("<tool_call>bash\n<arg_key>command</arg_key>\n<arg_value>ls</arg_value>\n</tool_call>", [LS]),
        (f"[TOOL_CALLS][{JSON}, {TWO}]", [LS, EDIT]),
    ],
)
def test_each_form_is_read(text, calls):
    assert read(f"I look.\n{text}") == ("I look.", calls)


def test_lines_of_a_parameter_stay_as_they_are():
    text = "<function=edit><parameter=old_str>\n    a = 1\n\n    b = 2\n</parameter></function>"
    assert read(text)[1] == [("edit", {"old_str": "    a = 1\n\n    b = 2"})]


@pytest.mark.parametrize(
    "text", ["Nothing.", "<tool_call>\nsome words\n</tool_call>", "[TOOL_CALLS] none", "<tool_call>[1]"]
)
def test_what_names_no_function_is_text(text):
    assert calls_in_text(text) == (text, ())


def test_json_that_is_damaged_keeps_its_name_and_stays_as_it_is():
    (call,) = calls_in_text('<tool_call>{"name": "bash", "arguments": {"com</tool_call>')[1]
    assert call["function"]["name"] == "bash"
    assert call["function"]["arguments"].endswith('{"com')


@pytest.mark.parametrize(
    "opening", ["<tool_call>{", "<function=a>", "[TOOL_CALLS][", "<tool_call>a<arg_key>", "<tool_call>" + " " * 99]
)
def test_many_openings_come_to_an_end(opening):
    began = process_time()
    calls_in_text(opening * 2000)
    assert process_time() - began < 5  # of a processor: a backtracking pattern takes minutes
