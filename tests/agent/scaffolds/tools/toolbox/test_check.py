"""The harness's evidence by a command of the shell."""

from tools_driver import BASELINE, RIGHT, SUBMIT, TEST, bash, called


def test_runoff_check_as_a_whole_command_is_the_tool_check_and_within_another_says_so(drive):
    answers = [
        called(RIGHT),
        called(("check", {})),
        called(bash("  runoff-check\n")),
        called(bash("runoff-check | tail -1")),
        called(SUBMIT),
        called(SUBMIT),
    ]
    trajectory = drive(answers, test=TEST, baseline=BASELINE)
    told, by_command, within = (drive.result(number) for number in (2, 3, 4))
    assert "(the issue is gone)" in told
    assert by_command == told
    assert "call it alone" in within
    assert trajectory.verified
