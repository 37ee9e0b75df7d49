"""Calls as an unlucky or hostile model makes them: each is told what was wrong, and none ends a trajectory."""

import pytest
from tools_driver import RIGHT, SUBMIT, bash, called, edit

from agent.models.contract import Choice
from agent.models.scripted import ScriptedModel
from agent.trajectory.journal import read_journal
from agent.trajectory.trajectory import Ending

ODD = ["a\0b", "a\ud800b\udcff\u202e\x1b[2J"]


@pytest.mark.parametrize("text", ODD)
def test_no_characters_end_a_trajectory(drive, text):
    calls = [
        bash(f"echo '{text}'"),
        edit("view", f"shop/{text}"),
        edit("create", f"shop/{text}.py", file_text=text),
        edit("create", "shop/odd.py", file_text=f"A = '{text}'\n"),
        edit("replace", old_str=text, new_str="x"),
        edit("replace", old_str="in prices[1:]:", new_str=f"in prices:  # {text}"),
        edit("insert", insert_line=0, new_str=text),
        ("check", {}),
        ("submit", {"keep": [text]}),
    ]
    trajectory = drive([called(call) for call in calls] + [called(SUBMIT)] * 3)
    assert trajectory.ending == Ending.SUBMITTED, trajectory.why


def test_a_submission_is_confirmed_by_a_later_answer_alone(drive):
    trajectory = drive([called(RIGHT, SUBMIT, SUBMIT, SUBMIT), called(bash("true")), called(SUBMIT)])
    assert "read first what the `submit` before it" in drive.result(1)
    assert (trajectory.ending, trajectory.turns) == (Ending.SUBMITTED, 3)


def test_a_file_to_keep_that_is_none_is_told_once_and_is_no_obstacle(drive):
    submit = called(("submit", {"keep": ["../../etc/passwd"]}))
    trajectory = drive([called(RIGHT), submit, submit])
    assert "etc/passwd" in drive.result(2)
    assert trajectory.ending == Ending.SUBMITTED
    assert "prices:" in trajectory.patch


@pytest.mark.parametrize(
    ("given", "sent"),
    [
        ('{"command": "echo 1\necho 2"}', '{"command": "echo 1\\necho 2"}'),
        ('{"command": "true", "timeout": NaN}', '{"command": "true", "timeout": null}'),
        ('{"command":  "true"}', '{"command":  "true"}'),
    ],
)
def test_calls_go_back_as_any_endpoint_can_read_them(drive, given, sent):
    drive([called(("bash", given)), called(SUBMIT), called(SUBMIT)])
    assert drive.model.requests[1].messages[-2].tool_calls[0]["function"]["arguments"] == sent


GARBLED = called(("bash", '{"command": "ls'))
BY_BLOCK = Choice(content="```submit\n```", finish_reason="stop")


def test_functions_that_come_garbled_again_and_again_are_given_up(drive):
    model = ScriptedModel([GARBLED, called(bash("true")), GARBLED, GARBLED, GARBLED, BY_BLOCK, BY_BLOCK])
    trajectory = drive(model)
    assert trajectory.ending == Ending.SUBMITTED
    assert trajectory.answers == {"malformed_call": 4, "garbled_functions": 1}
    assert any("3 calls of functions in a row were garbled" in line for line in drive.told)
    assert [line.get("kind") for line in read_journal(drive.path)].count("functions") == 1
    assert "Your calls of functions do not come through" in model.requests[5].messages[-1].content
    assert [bool(request.options["tools"]) for request in model.requests] == [True] * 5 + [False] * 2


def test_wrong_arguments_and_unknown_tools_are_no_garbling(drive):
    wrong = [called(("nothing", {"n": number})) for number in range(4)]
    assert "garbled_functions" not in drive([*wrong, called(SUBMIT), called(SUBMIT)]).answers


def test_later_trajectories_begin_by_blocks_where_two_had_to_give_functions_up(drive, tmp_path):
    model = ScriptedModel(lambda request: BY_BLOCK if not request.options["tools"] else GARBLED)
    for name in ("one", "two", "three"):
        drive.folder = tmp_path / name
        drive.folder.mkdir()
        trajectory = drive(model)
    assert trajectory.answers == {}
    assert "functions came garbled in 2 trajectories" in drive.told[0]
    assert not any(request.options["tools"] for request in model.requests[-2:])
