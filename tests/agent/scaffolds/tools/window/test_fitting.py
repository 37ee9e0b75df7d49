"""The first message in a small window."""

from tools_driver import RIGHT, SUBMIT, called

from agent.scaffolds.tools.window.fitting import shortened
from agent.scaffolds.tools.window.history import tokens_of

CODE = "".join(f"line {number} of the code\n" for number in range(1000))
SITUATION = f"# Code of the repository x\n\n{CODE.strip()}\n\n# Issue\n\nIt is wrong.\n"


def test_code_goes_first_by_whole_lines_and_the_issue_stays():
    short = shortened(SITUATION, CODE.strip(), len(CODE) - 3000)
    assert len(short) < 3200
    assert "line 100 of the code\n" in short
    assert "line 999" not in short
    assert "more code is left out here" in short
    assert short.endswith("\n\n# Issue\n\nIt is wrong.\n")


def test_an_issue_that_does_not_fit_is_shown_by_its_ends():
    issue = "".join(f"word {number}\n" for number in range(2000))
    short = shortened(f"{CODE}\n\n# Issue\n\n{issue}", CODE, len(CODE) + len(issue) - 4000)
    assert len(short) < 4500
    assert "word 1999" in short
    assert "line 0 " not in short
    assert "does not fit your window" in short


def test_a_small_window_has_room_for_the_steps(drive):
    drive([called(RIGHT), called(SUBMIT), called(SUBMIT)], window=4096, situation=SITUATION, code=CODE.strip())
    first = drive.model.requests[0].messages
    assert sum(map(tokens_of, first)) < 4096 // 2
    assert "It is wrong." in first[1].content
    assert "`import shop` works" in first[1].content
    assert any("first message shortened" in told for told in drive.told)
